// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.kafka;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topics;
import io.millrace.ingest.intake.IdLedger;
import io.millrace.ingest.intake.Intake;
import io.millrace.ingest.intake.IntakeUnavailableException;
import io.millrace.ingest.intake.RawRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in what outsiders write on the raw topics of one application, on one thread.
 *
 * <p>How far it has come is noted in the ledger, in the step that enters the records in the books,
 * and read from there when partitions are assigned; the group's offsets on the broker only show the
 * lag. A backend that is away stops consumption: the same records are tried again every second.
 */
final class RawIntake implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(RawIntake.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration BACK_OFF = Duration.ofSeconds(1);
  private static final Duration RESTART = Duration.ofSeconds(5);
  private static final int RECORDS_MAX = 1_000;

  private final KafkaSettings settings;
  private final ApplicationApplied application;
  private final Intake intake;
  private final Function<String, Map<String, Long>> offsets;
  private final BiFunction<ConsumerRecord<byte[], byte[]>, RawRow.Origin, RawRow> decoder;
  private final Map<String, String> events = new HashMap<>();
  private final Map<TopicPartition, Long> noted = new HashMap<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;
  private boolean placed;

  RawIntake(
      KafkaSettings settings,
      ApplicationApplied application,
      Intake intake,
      Function<String, Map<String, Long>> offsets,
      BiFunction<ConsumerRecord<byte[], byte[]>, RawRow.Origin, RawRow> decoder) {
    this.settings = settings;
    this.application = application;
    this.intake = intake;
    this.offsets = offsets;
    this.decoder = decoder;
    Topics topics = new Topics(application.app());
    application
        .definition()
        .events()
        .keySet()
        .forEach(event -> events.put(topics.raw(event).name(), event));
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> config =
        new HashMap<>(settings.consumer(application.app() + "-ingest-raw"));
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_MAX);
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public void run() {
    while (stopping.getCount() > 0) {
      try (KafkaConsumer<byte[], byte[]> fresh = consumer()) {
        consumer = fresh;
        consume(fresh);
      } catch (WakeupException e) {
        LOG.debug("{}: raw intake was woken to stop", application.app());
      } catch (KafkaException e) {
        LOG.error("{}: raw intake starts again", application.app(), e);
        awaitStop(RESTART);
      }
    }
  }

  private void consume(KafkaConsumer<byte[], byte[]> own) {
    own.subscribe(events.keySet(), new FromTheLedger(own));
    while (stopping.getCount() > 0) {
      try {
        if (!placed) {
          place(own);
        }
        take(own, own.poll(POLL));
      } catch (IntakeUnavailableException e) {
        LOG.warn("{}: raw intake waits: {}", application.app(), e.getMessage());
        placed = false;
        own.pause(own.assignment());
        awaitStop(BACK_OFF);
        // Keeps the membership of the group; paused partitions give nothing.
        own.poll(Duration.ZERO);
      }
    }
  }

  /** Ends the intake after the records at hand; the thread closes the consumer. */
  void stop() {
    stopping.countDown();
    KafkaConsumer<byte[], byte[]> at = consumer;
    if (at != null) {
      at.wakeup();
    }
  }

  private void awaitStop(Duration most) {
    try {
      if (stopping.await(most.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("{}: raw intake stops", application.app());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping.countDown();
    }
  }

  private void take(KafkaConsumer<byte[], byte[]> own, ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> batch = records.records(partition);
      String event = events.get(partition.topic());
      if (event == null) {
        continue;
      }
      List<RawRow> rows = new ArrayList<>(batch.size());
      for (ConsumerRecord<byte[], byte[]> record : batch) {
        rows.add(decoder.apply(record, origin(record, rows.size())));
      }
      long next = batch.getLast().offset() + 1;
      IdLedger.Advance advance =
          new IdLedger.Advance(
              event + ":" + partition.partition(), noted.getOrDefault(partition, -1L), next);
      // Where this fails, everything that was polled is sought and polled again.
      intake.takeRaw(application, event, rows, List.of(advance));
      noted.put(partition, next);
      own.commitAsync(Map.of(partition, new OffsetAndMetadata(next)), null);
    }
  }

  /** Goes to where the ledger says that everything before is in the books. */
  private void place(KafkaConsumer<byte[], byte[]> own) {
    Set<TopicPartition> partitions = own.assignment();
    if (!partitions.isEmpty()) {
      Map<String, Long> inLedger = offsets.apply(application.app());
      Map<TopicPartition, Long> ends = own.endOffsets(partitions);
      Map<TopicPartition, Long> starts = own.beginningOffsets(partitions);
      for (TopicPartition partition : partitions) {
        String event = events.get(partition.topic());
        long next = inLedger.getOrDefault(event + ":" + partition.partition(), -1L);
        long end = ends.getOrDefault(partition, 0L);
        long start = starts.getOrDefault(partition, 0L);
        noted.put(partition, next);
        // Beyond the end: the topic was deleted and made anew. Before the start: retention.
        own.seek(partition, next > end ? start : Math.max(start, next));
      }
    }
    own.resume(partitions);
    placed = true;
  }

  private static RawRow.Origin origin(ConsumerRecord<byte[], byte[]> record, int index) {
    Header traceparent = record.headers().lastHeader("traceparent");
    return new RawRow.Origin(
        index,
        record.topic() + "-" + record.partition() + "-" + record.offset(),
        -1,
        record.topic() + "/" + record.partition() + "/" + record.offset(),
        traceparent == null ? null : new String(traceparent.value(), StandardCharsets.UTF_8));
  }

  /** Partitions give nothing until it is known how far the ledger is. */
  private final class FromTheLedger implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> own;

    FromTheLedger(KafkaConsumer<byte[], byte[]> own) {
      this.own = own;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      own.pause(partitions);
      placed = false;
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      partitions.forEach(noted::remove);
    }
  }
}
