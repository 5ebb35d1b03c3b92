// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.topic.Topics;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.PatternBook;
import io.millrace.validator.data.RowPlace;
import io.millrace.validator.data.SpanPlan;
import io.millrace.validator.data.SpanStatistics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * First stage, per partition: adds each event to the statistics of its span, in memory, and hands
 * them on in chunks. What is in memory is written to a store before each commit, so that a crash
 * neither loses nor doubles a row.
 */
final class EventProfiler implements Processor<byte[], byte[], String, Profiled> {
  static final String STORE = "profiles";

  /** Spans held at once; beyond, the one untouched for longest is handed on. */
  static final int MAX_LIVE = 256;

  /** Chunks that a span of a number of rows is made of, at least. */
  static final int CHUNKS_PER_SPAN = 16;

  private static final String TRACE_PARENT = "traceparent";
  private static final byte[] CHANGED = {1};

  private final String app;
  private final Map<String, EventFacts> factsByTopic = new HashMap<>();
  private final Deserializer<Event> deserializer;
  private final CommitMarkers markers;
  private final PatternBook patterns;
  private final ValidatorMetrics metrics;
  private final Duration emitEvery;
  private final LinkedHashMap<String, Live> live = new LinkedHashMap<>(64, 0.75f, true);
  private final Map<String, Long> progress = new HashMap<>();
  private ProcessorContext<String, Profiled> context;
  private KeyValueStore<String, byte[]> profiles;
  private KeyValueStore<String, byte[]> changed;

  @SuppressWarnings("NullAway.Init") // Streams calls init before anything else
  EventProfiler(
      String app,
      List<EventFacts> facts,
      CommitMarkers markers,
      PatternBook patterns,
      ValidatorMetrics metrics,
      Duration emitEvery) {
    this.app = app;
    Topics topics = new Topics(app);
    facts.forEach(each -> factsByTopic.put(topics.events(each.event()).name(), each));
    this.deserializer = topics.events("any").valueSerde().deserializer();
    this.markers = markers;
    this.patterns = patterns;
    this.metrics = metrics;
    this.emitEvery = emitEvery;
  }

  private static final class Live {
    private final String event;
    private final long startMs;
    private final SpanStatistics statistics;
    private String traceparent = "";
    private boolean marked;

    private Live(String event, long startMs, SpanStatistics statistics) {
      this.event = event;
      this.startMs = startMs;
      this.statistics = statistics;
    }
  }

  @Override
  public void init(ProcessorContext<String, Profiled> context) {
    this.context = context;
    profiles = context.getStateStore(STORE);
    changed = context.getStateStore(CommitMarkers.STORE);
    // Streams may start the same object again after an error.
    live.clear();
    progress.clear();
    try (KeyValueIterator<String, byte[]> kept = profiles.all()) {
      while (kept.hasNext()) {
        KeyValue<String, byte[]> entry = kept.next();
        Chunk chunk = Chunk.fromBytes(entry.value);
        Live restored = new Live(chunk.event(), chunk.startMs(), chunk.statistics());
        restored.traceparent = chunk.traceparent();
        live.put(entry.key, restored);
        progress.merge(chunk.event(), chunk.progressMs(), Math::max);
      }
    }
    markers.listen(context.taskId(), this::write);
    context.schedule(emitEvery, PunctuationType.WALL_CLOCK_TIME, now -> emitAll(now));
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata origin = context.recordMetadata().orElseThrow();
    EventFacts facts = factsByTopic.get(origin.topic());
    if (facts == null) {
      throw new IllegalStateException("no event is declared for topic " + origin.topic());
    }
    Event event;
    try {
      event = deserializer.deserialize(origin.topic(), record.headers(), record.value());
    } catch (SerializationException e) {
      reject(record, origin, facts, String.valueOf(e.getMessage()));
      return;
    }
    if (event == null) {
      return;
    }
    long start =
        facts.plan() instanceof SpanPlan.EventTime plan ? plan.start(event.eventTimeMs()) : 0;
    String key = facts.event() + "/" + start;
    Live span = live.get(key);
    if (span == null) {
      makeRoom(record.timestamp());
      span = new Live(facts.event(), start, new SpanStatistics());
      live.put(key, span);
    }
    span.statistics.add(
        event.eventTimeMs(),
        facts.slice(event.eventTimeMs()),
        event.data(),
        facts.rules(),
        patterns.of(app, facts.event()),
        new RowPlace(origin.partition(), origin.offset()));
    span.statistics.delayed(event.knownAtMs() - event.eventTimeMs());
    span.traceparent = traceparent(record.headers(), span.traceparent);
    progress.merge(facts.event(), event.eventTimeMs(), Math::max);
    if (!span.marked) {
      span.marked = true;
      changed.put(key, CHANGED);
    }
    metrics.profiled(facts.event());
    if (facts.plan() instanceof SpanPlan.Rows rows
        && span.statistics.rows() >= Math.max(1, rows.rows() / CHUNKS_PER_SPAN)) {
      live.remove(key);
      emit(key, span, record.timestamp());
    }
  }

  private static String traceparent(Headers headers, String before) {
    Header header = headers.lastHeader(TRACE_PARENT);
    return header == null ? before : new String(header.value(), StandardCharsets.UTF_8);
  }

  private void reject(
      Record<byte[], byte[]> record, RecordMetadata origin, EventFacts facts, String message) {
    metrics.rejected(facts.event());
    String place = origin.topic() + "/" + origin.partition() + "/" + origin.offset();
    EventRejected letter =
        new EventRejected(
            app,
            place,
            facts.event(),
            "validator",
            "malformed",
            null,
            message,
            place,
            null,
            context.currentSystemTimeMs());
    context.forward(record.withKey(place).withValue(new Profiled.Rejected(letter)));
  }

  /** Before each commit: what has changed in memory goes to the store. */
  private void write(String key) {
    Live span = live.get(key);
    if (span != null) {
      span.marked = false;
      profiles.put(key, chunk(span).toBytes());
    }
  }

  private void emitAll(long nowMs) {
    List<Map.Entry<String, Live>> all = new ArrayList<>(live.entrySet());
    live.clear();
    all.forEach(entry -> emit(entry.getKey(), entry.getValue(), nowMs));
  }

  private void makeRoom(long timestampMs) {
    if (live.size() >= MAX_LIVE) {
      Iterator<Map.Entry<String, Live>> oldest = live.entrySet().iterator();
      Map.Entry<String, Live> entry = oldest.next();
      String key = entry.getKey();
      Live span = entry.getValue();
      oldest.remove();
      emit(key, span, timestampMs);
    }
  }

  private void emit(String key, Live span, long timestampMs) {
    profiles.delete(key);
    context.forward(new Record<>(span.event, chunk(span), timestampMs));
  }

  private Chunk chunk(Live span) {
    return new Chunk(
        span.event,
        context.taskId().partition(),
        span.startMs,
        progress.getOrDefault(span.event, Long.MIN_VALUE),
        span.traceparent,
        span.statistics);
  }
}
