// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.kafka;

import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.ingest.intake.Intake;
import io.millrace.ingest.intake.RawRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One {@link RawIntake} for every application in force. Thread-safe. */
public final class RawIntakes implements ApplicationChangeListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RawIntakes.class);
  private static final Duration STOP = Duration.ofSeconds(15);

  private final KafkaSettings settings;
  private final Intake intake;
  private final Function<String, Map<String, Long>> offsets;
  private final RawRecords records;
  private final Map<String, Running> running = new HashMap<>();
  private boolean closed;

  /**
   * @param offsets application → noted raw offsets
   */
  public RawIntakes(
      KafkaSettings settings,
      Intake intake,
      Function<String, Map<String, Long>> offsets,
      RawRecords records) {
    this.settings = settings;
    this.intake = intake;
    this.offsets = offsets;
    this.records = records;
  }

  private record Running(RawIntake intake, Thread thread) {}

  @Override
  public synchronized void applied(ApplicationApplied applied) {
    if (closed) {
      return;
    }
    end(running.remove(applied.app()));
    RawIntake raw = new RawIntake(settings, applied, intake, offsets, this::read);
    Thread thread = Thread.ofPlatform().name("raw-" + applied.app()).start(raw);
    running.put(applied.app(), new Running(raw, thread));
  }

  @Override
  public synchronized void deleted(ApplicationApplied last) {
    end(running.remove(last.app()));
  }

  @Override
  public synchronized void close() {
    closed = true;
    running.values().forEach(each -> each.intake().stop());
    running.values().forEach(RawIntakes::end);
    running.clear();
  }

  private static void end(@Nullable Running one) {
    if (one == null) {
      return;
    }
    one.intake().stop();
    try {
      if (!one.thread().join(STOP)) {
        LOG.warn(
            "{} does not end; it can do no harm: the ledger fences it", one.thread().getName());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private RawRow read(ConsumerRecord<byte[], byte[]> record, RawRow.Origin origin) {
    return record.value() == null
        ? new RawRow.Unreadable(origin, "malformed", null, "the record has no value", null)
        : records.read(
            record.value(),
            name -> {
              Header header = record.headers().lastHeader(name);
              return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
            },
            origin);
  }
}
