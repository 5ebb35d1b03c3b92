// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.contract.EventRejected;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.adapter.kafka.ApplicationStreams.Settings;
import io.millrace.featurestore.topology.Backfill;
import io.millrace.featurestore.topology.FeatureTopology;
import io.millrace.featurestore.topology.IncomingRecord;
import io.millrace.featurestore.topology.TaskStore;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GenerationStore.Active;
import io.millrace.featurestore.view.GenerationStore.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a generation of features its states before its streams application starts: reads the topics
 * with a plain consumer up to where the former generation is, and then writes the states into the
 * changelogs and those offsets into the group, in one transaction. The application restores the
 * states and goes on from there, as after any restart.
 *
 * <p>Of several instances the one with the least name does it and the others wait. Two may think so
 * of themselves for a moment; the transactional id lets only the later one commit. An instance that
 * is killed is followed by another once it counts as gone, and nothing of its work is seen.
 *
 * <p>One thread runs it; another may cancel it.
 */
final class BackfillRun implements Prelude {
  private static final Logger LOG = LoggerFactory.getLogger(BackfillRun.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final int POLL_RECORDS = 4_000;

  /** What a broker allows by default; the transaction lasts as long as the states are written. */
  private static final Duration TRANSACTION = Duration.ofMinutes(15);

  private static final Duration STALL = Duration.ofMinutes(2);
  private static final Duration SETTLED = Duration.ofSeconds(30);

  /** No key of a task's store is greater: each begins with a letter, or is a number from 0. */
  private static final byte[] LAST = {(byte) 0xff};

  private final Generation generation;
  private final Settings settings;
  private final StreamsStarter starter;
  private final String applicationId;
  private final InternalTopics internal;
  private final Topics topics;
  private volatile boolean cancelled;

  BackfillRun(
      Generation generation, String applicationId, Settings settings, StreamsStarter starter) {
    this.generation = generation;
    this.applicationId = applicationId;
    this.settings = settings;
    this.starter = starter;
    this.internal = new InternalTopics(settings.admin(), applicationId);
    this.topics = new Topics(generation.app());
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public boolean complete() throws InterruptedException {
    try {
      while (!cancelled) {
        if (isBegun()) {
          return true;
        }
        if (isMine()) {
          make();
        } else {
          TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
      }
      return false;
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("backfill of " + applicationId + ": " + e, e);
    }
  }

  /** Whether the group has offsets, by a backfill or because its application runs, or has run. */
  private boolean isBegun() throws ExecutionException, TimeoutException, InterruptedException {
    return !committed(applicationId).isEmpty() || hasMembers();
  }

  private boolean hasMembers() throws TimeoutException, ExecutionException, InterruptedException {
    try {
      ConsumerGroupDescription group =
          get(settings.admin().describeConsumerGroups(List.of(applicationId)).all())
              .get(applicationId);
      return group != null && !group.members().isEmpty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false;
      }
      throw e;
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> committed(String group)
      throws ExecutionException, TimeoutException, InterruptedException {
    return get(settings.admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
  }

  private static <T> T get(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Whether no instance that computes this generation has a lesser name. */
  private boolean isMine() throws ExecutionException, TimeoutException, InterruptedException {
    Set<String> instances =
        settings
            .uses()
            .read(generation.app(), Kind.FEATURES)
            .toCompletableFuture()
            .get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
            .uses()
            .getOrDefault(generation.hash(), Set.of());
    return instances.stream().noneMatch(each -> each.compareTo(settings.instance()) < 0);
  }

  private void make() throws ExecutionException, TimeoutException, InterruptedException {
    Generation former = former();
    LocalState scratch = new LocalState(folder(), generation.app());
    scratch.delete();
    long begin = System.nanoTime();
    try (Producer<byte[], byte[]> producer = producer();
        Consumer<byte[], byte[]> consumer = consumer()) {
      // From now on no other instance's transaction can commit; what one has committed is seen.
      producer.initTransactions();
      if (isBegun()) {
        return;
      }
      Map<TopicPartition, Long> untils = untils(consumer, former);
      try (ScratchStores stores =
          new ScratchStores(Files.createDirectories(folder().resolve(generation.app())))) {
        TaskStore letters = stores.open();
        try (Backfill backfill = backfill(former, stores, letters)) {
          long records = read(consumer, untils, backfill);
          backfill.store();
          if (isSettled(former)) {
            commit(producer, untils, backfill, letters);
            LOG.info(
                "{}: {} records in {} ms",
                applicationId,
                records,
                Duration.ofNanos(System.nanoTime() - begin).toMillis());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      scratch.delete();
    }
  }

  /** The one that answers; null where this code would compute another of its definition. */
  private @Nullable Generation former() {
    Active active = settings.generations().find(generation.app(), Kind.FEATURES).orElse(null);
    if (active == null) {
      return null;
    }
    Generation former = Generation.of(active.definition());
    return former.hash().equals(active.hash()) ? former : null;
  }

  private Path folder() {
    return settings.folder().resolve("backfill");
  }

  private Producer<byte[], byte[]> producer() {
    Map<String, Object> config = settings.kafka().producer();
    String id = applicationId + "-backfill";
    config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) TRANSACTION.toMillis());
    // A broker that stalls for a while is waited for: to give up is to read everything again.
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) STALL.toMillis());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) STALL.toMillis());
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, id);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Consumer<byte[], byte[]> consumer() {
    Map<String, Object> config = settings.kafka().consumer(applicationId);
    config.remove(ConsumerConfig.GROUP_ID_CONFIG);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, applicationId + "-backfill");
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Up to where each partition is read: where the former generation is, because all up to there is
   * in the history, and its dead letters are reported. Where it does not read a topic, its end.
   */
  private Map<TopicPartition, Long> untils(
      Consumer<byte[], byte[]> consumer, @Nullable Generation former)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> reached =
        former == null ? Map.of() : committed(starter.id(FeatureVersions.name(former.hash())));
    List<TopicPartition> all = new ArrayList<>();
    for (String source : sources(generation)) {
      for (int partition = 0; partition < starter.partitionsOf(source); partition++) {
        all.add(new TopicPartition(topics.events(source).name(), partition));
      }
    }
    consumer.assign(all);
    consumer.seekToBeginning(all);
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(all, TIMEOUT);
    Map<TopicPartition, Long> ends = consumer.endOffsets(all, TIMEOUT);
    Set<String> formerTopics = former == null ? Set.of() : starter.topics(sources(former));
    Map<TopicPartition, Long> untils = new HashMap<>();
    for (TopicPartition partition : all) {
      long begin = begins.getOrDefault(partition, 0L);
      OffsetAndMetadata at = reached.get(partition);
      long until =
          !formerTopics.contains(partition.topic())
              ? ends.getOrDefault(partition, begin)
              : at == null ? begin : at.offset();
      untils.put(partition, Math.max(begin, until));
    }
    return untils;
  }

  private static Set<String> sources(Generation generation) {
    return generation.groups().stream().map(FeatureGroup::source).collect(Collectors.toSet());
  }

  private Backfill backfill(@Nullable Generation former, ScratchStores stores, TaskStore letters) {
    // What the former one took and this one refuses, nobody has reported.
    Set<String> reported = new HashSet<>();
    if (former != null) {
      reported.addAll(sources(former));
      reported.retainAll(sources(generation));
      reported.removeIf(source -> !generation.acceptsAs(former, source));
    }
    long[] number = {0};
    return new Backfill(
        generation,
        starter::partitionsOf,
        settings.guarantee() == Guarantee.EXACTLY_ONCE_V2,
        group -> former != null && hasSameHistory(former, group),
        rejected -> {
          if (!reported.contains(rejected.event())) {
            byte[] id = rejected.eventId().getBytes(StandardCharsets.UTF_8);
            letters.put(
                ByteBuffer.allocate(Long.BYTES + id.length).putLong(number[0]++).put(id).array(),
                letter(rejected));
          }
        },
        store -> stores.open(),
        settings.with());
  }

  /** Whether a former generation writes the history of a group, with the same numbers. */
  private static boolean hasSameHistory(Generation former, FeatureGroup group) {
    return former.groups().stream()
        .anyMatch(
            each -> each.name().equals(group.name()) && each.lineage().equals(group.lineage()));
  }

  private byte[] letter(EventRejected rejected) {
    Topic<String, EventRejected> topic = topics.rejected();
    return topic.valueSerde().serializer().serialize(topic.name(), rejected);
  }

  /** Reads all partitions up to their ends; returns how many records there were. */
  private long read(
      Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> untils, Backfill backfill) {
    Map<String, String> events = new HashMap<>();
    sources(generation).forEach(source -> events.put(topics.events(source).name(), source));
    Set<TopicPartition> left = new HashSet<>(untils.keySet());
    long records = 0;
    while (true) {
      left.removeIf(
          partition -> {
            boolean isRead =
                consumer.position(partition, TIMEOUT)
                    >= Objects.requireNonNull(untils.get(partition));
            if (isRead) {
              consumer.pause(List.of(partition));
            }
            return isRead;
          });
      if (left.isEmpty() || cancelled) {
        return records;
      }
      ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
      for (TopicPartition partition : polled.partitions()) {
        long until = Objects.requireNonNull(untils.get(partition));
        String event = Objects.requireNonNull(events.get(partition.topic()));
        for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
          if (record.offset() >= until) {
            break;
          }
          backfill.take(
              event,
              new IncomingRecord(
                  record.value(),
                  record.headers(),
                  record.timestamp(),
                  record.topic(),
                  record.partition(),
                  record.offset()));
          records++;
        }
      }
    }
  }

  /** Waits until what the former generation had committed is in the history. */
  private boolean isSettled(@Nullable Generation former) throws InterruptedException {
    if (former == null) {
      return !cancelled;
    }
    while (!cancelled) {
      try {
        if (settings
            .with()
            .settling()
            .await(
                generation.app(),
                FeatureTopology.parts(former, starter::partitionsOf),
                SETTLED,
                () -> !cancelled)) {
          return true;
        }
      } catch (IllegalStateException e) {
        LOG.warn("{}: {}", applicationId, e.getMessage());
      }
    }
    return false;
  }

  private void commit(
      Producer<byte[], byte[]> producer,
      Map<TopicPartition, Long> untils,
      Backfill backfill,
      TaskStore letters) {
    Map<Backfill.Store, TaskStore> stores = backfill.stores();
    Map<String, Integer> partitions = new HashMap<>();
    stores
        .keySet()
        .forEach(store -> partitions.merge(store.name(), store.partition() + 1, Math::max));
    internal.createChangelogs(partitions);
    producer.beginTransaction();
    try {
      stores.forEach(
          (store, content) ->
              each(
                  content,
                  (key, value) ->
                      producer.send(
                          new ProducerRecord<>(
                              internal.changelog(store.name()), store.partition(), key, value))));
      each(
          letters,
          (key, value) -> {
            byte[] id = Arrays.copyOfRange(key, Long.BYTES, key.length);
            producer.send(new ProducerRecord<>(topics.rejected().name(), id, value));
          });
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      untils.forEach((partition, until) -> offsets.put(partition, new OffsetAndMetadata(until)));
      producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata(applicationId));
      producer.commitTransaction();
    } catch (KafkaException e) {
      // What is left of it is not seen by anybody, and ends when the next one begins.
      throw new IllegalStateException("backfill of " + applicationId + ": " + e, e);
    }
  }

  private static void each(TaskStore store, BiConsumer<byte[], byte[]> taker) {
    try (KeyValueIterator<Bytes, byte[]> all = store.range(new byte[0], LAST)) {
      while (all.hasNext()) {
        KeyValue<Bytes, byte[]> each = all.next();
        taker.accept(each.key.get(), each.value);
      }
    }
  }
}
