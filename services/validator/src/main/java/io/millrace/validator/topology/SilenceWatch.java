// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.serde.JsonSerde;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.Pulse;
import io.millrace.validator.data.SilenceCheck;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Tells by wall clock that no rows of a kind come any more: no span closes then, since only rows
 * move their time on. It is told once, as a verdict on the span {@value DataVerdict#SILENCE}, and
 * taken back with a good one when rows come again. That verdict covers no time, so that nothing is
 * kept out of training by it; what had no rows gets its own.
 *
 * <p>Store: event → how far its events have come, and its pulse as of the first rows of a slot;
 * {@code event/silence} → the last verdict.
 */
final class SilenceWatch {
  private final String app;
  private final KeyValueStore<String, byte[]> pulses;
  private final long startedMs;
  private final JsonSerde<DataVerdict> json = new JsonSerde<>(DataVerdict.class);
  private final Map<String, Source> sources = new HashMap<>();

  /** A kind of event. */
  private static final class Source {
    private final Pulse pulse;
    private long heardMs;
    private long reachedMs;
    private boolean silent;

    private Source(Pulse pulse, long heardMs, long reachedMs, boolean silent) {
      this.pulse = pulse;
      this.heardMs = heardMs;
      this.reachedMs = reachedMs;
      this.silent = silent;
    }
  }

  /**
   * @param nowMs wall clock: from here on it is looked at
   */
  SilenceWatch(String app, KeyValueStore<String, byte[]> pulses, long nowMs) {
    this.app = app;
    this.pulses = pulses;
    this.startedMs = nowMs;
  }

  static String key(String event) {
    return event + "/" + DataVerdict.SILENCE;
  }

  /**
   * Rows came; gives a verdict where that ends a silence.
   *
   * @param reachedMs latest event time of them
   */
  Optional<SpanJudging.Told> heard(EventFacts event, long reachedMs, long nowMs) {
    Source source = source(event.event());
    boolean further = reachedMs > source.reachedMs;
    source.heardMs = nowMs;
    source.reachedMs = Math.max(source.reachedMs, reachedMs);
    // A silence is dated by it, and after a restart nothing else may know: 1 KiB beside a span's
    // statistics, which are written for the same rows.
    if (source.pulse.beat(nowMs) || further) {
      save(event.event(), source);
    }
    if (!source.silent) {
      return Optional.empty();
    }
    source.silent = false;
    return Optional.of(tell(event, source, List.of(), nowMs));
  }

  /** Time passes; gives a verdict where a silence has become longer than the habit. */
  Optional<SpanJudging.Told> look(EventFacts event, long nowMs) {
    Source source = source(event.event());
    boolean slotEnded = source.pulse.look(nowMs);
    if (source.reachedMs == Long.MIN_VALUE) {
      return Optional.empty(); // Nothing has ever come: there is nothing to fall silent.
    }
    if (slotEnded) {
      save(event.event(), source);
    }
    if (source.silent) {
      return Optional.empty();
    }
    // What came while nobody listened is still to be read: the time begins with this process.
    long quietMs = nowMs - Math.max(source.heardMs, startedMs);
    List<DataVerdict.Anomaly> found =
        SilenceCheck.check(
            event, quietMs, nowMs, slotEnded ? source.pulse.silence() : Optional.empty());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    source.silent = true;
    return Optional.of(tell(event, source, found, nowMs));
  }

  private SpanJudging.Told tell(
      EventFacts event, Source source, List<DataVerdict.Anomaly> found, long nowMs) {
    DataVerdict verdict =
        new DataVerdict(
            app,
            event.event(),
            DataVerdict.SILENCE,
            source.reachedMs,
            source.reachedMs,
            0,
            SilenceCheck.status(found),
            0,
            found,
            Map.of(),
            nowMs);
    boolean before = pulses.get(key(event.event())) != null;
    pulses.put(key(event.event()), json.toBytes(verdict));
    return new SpanJudging.Told(verdict, before);
  }

  private Source source(String event) {
    return sources.computeIfAbsent(event, this::load);
  }

  private Source load(String event) {
    byte[] bytes = pulses.get(event);
    DataVerdict told = json.fromBytes(pulses.get(key(event)));
    boolean silent = told != null && !told.anomalies().isEmpty();
    if (bytes == null) {
      return new Source(new Pulse(), Long.MIN_VALUE, Long.MIN_VALUE, silent);
    }
    long reachedMs = ByteBuffer.wrap(bytes).getLong();
    byte[] pulse = new byte[bytes.length - Long.BYTES];
    System.arraycopy(bytes, Long.BYTES, pulse, 0, pulse.length);
    return new Source(Pulse.fromBytes(pulse), Long.MIN_VALUE, reachedMs, silent);
  }

  private void save(String event, Source source) {
    byte[] pulse = source.pulse.toBytes();
    pulses.put(
        event,
        ByteBuffer.allocate(Long.BYTES + pulse.length)
            .putLong(source.reachedMs)
            .put(pulse)
            .array());
  }
}
