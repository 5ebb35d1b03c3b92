// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.SpanPlan;
import io.millrace.validator.data.SpanStatistics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Second stage, one for the application: merges the chunks of all partitions into spans and closes
 * a span once the events have gone past its end and the time it waits for late ones, or once it
 * holds the rows it should. What lies between two spans of event time gets a verdict, too, and a
 * source that falls silent. A late row opens its span again; it is judged once more, and a verdict
 * that differs replaces the first. So are the last bad spans once a person has decided on another
 * schema.
 */
final class SpanCloser implements Processor<String, Work, String, DataVerdict> {
  static final String SPANS = "spans";
  static final String OPEN = "open";
  static final String LEDGERS = "ledgers";
  static final String SCHEMAS = "schemas";
  static final String VERDICTS = "verdicts";
  static final String PULSES = "pulses";

  /** Spans, the last ones, of which the bad are judged again by a schema that a person decided. */
  static final int REJUDGED_SPANS = 100;

  private static final Logger LOG = LoggerFactory.getLogger(SpanCloser.class);

  static final List<String> STORES = List.of(SPANS, OPEN, LEDGERS, SCHEMAS, VERDICTS, PULSES);

  private final String app;
  private final Map<String, EventFacts> facts = new HashMap<>();
  private final ValidatorMetrics metrics;
  private final VerdictTracing tracing;
  private final Timing timing;
  private final Map<String, Progress> progress = new HashMap<>();
  private ProcessorContext<String, DataVerdict> context;
  private KeyValueStore<String, byte[]> verdicts;
  private SpanShelf shelf;
  private SpanJudging judging;
  private EmptySpans empties;
  private SilenceWatch silence;
  private boolean judgeAgain;

  @SuppressWarnings("NullAway.Init") // Streams calls init before anything else
  SpanCloser(
      String app,
      List<EventFacts> facts,
      ValidatorMetrics metrics,
      VerdictTracing tracing,
      Timing timing) {
    this.app = app;
    facts.forEach(each -> this.facts.put(each.event(), each));
    this.metrics = metrics;
    this.tracing = tracing;
    this.timing = timing;
  }

  @Override
  public void init(ProcessorContext<String, DataVerdict> context) {
    this.context = context;
    KeyValueStore<String, byte[]> spans = context.getStateStore(SPANS);
    shelf = new SpanShelf(spans, context.getStateStore(OPEN));
    verdicts = context.getStateStore(VERDICTS);
    judging =
        new SpanJudging(
            app, spans, context.getStateStore(LEDGERS), context.getStateStore(SCHEMAS), verdicts);
    empties = new EmptySpans(verdicts, judging);
    silence = new SilenceWatch(app, context.getStateStore(PULSES), context.currentSystemTimeMs());
    progress.clear();
    // What was reached before the restart counts from now on as if just heard.
    shelf.sources(
        (key, source) ->
            progress
                .computeIfAbsent(SpanKeys.event(key), name -> new Progress())
                .advance(source.partition(), source.progressMs(), context.currentSystemTimeMs()));
    judgeAgain = true;
    context.schedule(timing.closeEvery(), PunctuationType.WALL_CLOCK_TIME, this::closeRipe);
  }

  @Override
  public void process(Record<String, Work> record) {
    switch (record.value()) {
      case Chunk chunk -> add(chunk);
      case Work.Decision decision -> decide(decision.decided());
    }
  }

  private void decide(SchemaDecided decided) {
    EventFacts event = facts.get(decided.event());
    if (event == null || !judging.decide(decided)) {
      LOG.info("a decision of '{}' on '{}' changes nothing", decided.by(), decided.event());
      return;
    }
    judgeBadAgain(event);
  }

  /** The last bad spans, since what a person has said may be about them. */
  private void judgeBadAgain(EventFacts event) {
    List<String> bad =
        latest(event, REJUDGED_SPANS).stream()
            .filter(told -> judging.bad(told.value))
            .map(told -> told.key)
            .toList();
    for (String key : bad) {
      long nowMs = context.currentSystemTimeMs();
      if (shelf.keeps(key)) {
        close(event, key, nowMs);
      } else if (event.plan() instanceof SpanPlan.EventTime plan) {
        long started = System.nanoTime();
        empties
            .again(event, plan, verdicts.get(key), nowMs)
            .ifPresent(told -> tell(event, told, null, nowMs, started));
      }
    }
  }

  /** The last spans that a person has let pass, or stopped, by what may have been taken back. */
  private void recall(EventFacts event, long nowMs) {
    for (KeyValue<String, byte[]> each : latest(event, SpanJudging.KEPT_SPANS)) {
      long started = System.nanoTime();
      judging
          .recall(event, each.key, each.value, nowMs)
          .ifPresent(anew -> tell(event, anew, null, nowMs, started));
    }
  }

  /** Of the last verdicts those on spans that are not open again, oldest first. */
  private List<KeyValue<String, byte[]>> latest(EventFacts event, int most) {
    List<KeyValue<String, byte[]>> found = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> latest =
        verdicts.reverseRange(SpanKeys.first(event.event()), SpanKeys.last(event.event()))) {
      for (int i = 0; i < most && latest.hasNext(); i++) {
        KeyValue<String, byte[]> told = latest.next();
        if (!shelf.isOpen(told.key)) {
          found.add(told);
        }
      }
    }
    return found.reversed();
  }

  private void add(Chunk chunk) {
    EventFacts event = facts.get(chunk.event());
    if (event == null) {
      // The event was taken out of the definition while its last rows were under way.
      metrics.tooLate(chunk.event(), chunk.statistics().rows());
      return;
    }
    long nowMs = context.currentSystemTimeMs();
    progress
        .computeIfAbsent(chunk.event(), name -> new Progress())
        .advance(chunk.partition(), chunk.progressMs(), nowMs);
    long started = System.nanoTime();
    silence
        .heard(event, chunk.progressMs(), nowMs)
        .ifPresent(told -> tell(event, told, null, nowMs, started));
    if (event.plan() instanceof SpanPlan.Rows plan) {
      addToRows(event, plan, chunk);
    } else if (event.plan() instanceof SpanPlan.EventTime plan) {
      String key = SpanKeys.of(chunk.event(), chunk.startMs());
      if (!shelf.keeps(key)) {
        empties
            .opened(event, plan, key, nowMs)
            .forEach(told -> tell(event, told, null, nowMs, started));
      }
      add(key, chunk);
    }
  }

  private void addToRows(EventFacts event, SpanPlan.Rows plan, Chunk chunk) {
    String key =
        shelf
            .lastOpen(event.event())
            .orElseGet(() -> SpanKeys.of(event.event(), nextNumber(event.event())));
    if (add(key, chunk) >= plan.rows()) {
      close(event, key, context.currentSystemTimeMs());
    }
  }

  private long nextNumber(String event) {
    try (KeyValueIterator<String, byte[]> latest =
        verdicts.reverseRange(SpanKeys.first(event), SpanKeys.last(event))) {
      return latest.hasNext() ? SpanKeys.order(latest.next().key) + 1 : 0;
    }
  }

  /** Rows of the span with the chunk in it. */
  private long add(String key, Chunk chunk) {
    byte[] told = shelf.isOpen(key) ? null : verdicts.get(key);
    long added = chunk.statistics().rows();
    if (told != null && shelf.keeps(key)) {
      metrics.late(chunk.event(), added);
    } else if (told != null && !empties.isEmpty(told)) {
      metrics.tooLate(chunk.event(), added);
      return added;
    }
    return shelf.add(key, chunk);
  }

  private void closeRipe(long nowMs) {
    if (judgeAgain) {
      judgeAgain = false;
      for (EventFacts event : facts.values()) {
        recall(event, nowMs);
        if (event.overrides().hasAny()) {
          judgeBadAgain(event);
        }
      }
    }
    for (EventFacts event : facts.values()) {
      long started = System.nanoTime();
      silence.look(event, nowMs).ifPresent(told -> tell(event, told, null, nowMs, started));
    }
    Map<String, Long> reached = new HashMap<>();
    for (String key : shelf.open()) {
      EventFacts event = facts.get(SpanKeys.event(key));
      if (event != null && event.plan() instanceof SpanPlan.EventTime plan) {
        long now =
            reached.computeIfAbsent(
                event.event(),
                name -> {
                  Progress known = progress.get(name);
                  return known == null
                      ? Long.MIN_VALUE
                      : known.at(nowMs, timing.idle().toMillis(), timing.settle().toMillis());
                });
        // In their order, so that each is judged by all that was before it.
        if (now >= SpanKeys.order(key) + event.waitMs()) {
          long started = System.nanoTime();
          empties
              .before(event, plan, key, shelf.kept(), nowMs)
              .ifPresent(told -> tell(event, told, null, nowMs, started));
        }
        if (now >= SpanKeys.order(key) + plan.lengthMs() + event.waitMs()) {
          close(event, key, nowMs);
        }
      }
    }
  }

  private void close(EventFacts event, String key, long nowMs) {
    long started = System.nanoTime();
    long order = SpanKeys.order(key);
    empties.closed(key);
    String traceparent = shelf.close(key);
    String name;
    SpanJudging.Bounds bounds;
    switch (event.plan()) {
      case SpanPlan.EventTime plan -> {
        name = plan.id(order);
        bounds = new SpanJudging.Bounds(order, order + plan.lengthMs());
      }
      case SpanPlan.Rows plan -> {
        name = plan.id(order);
        SpanStatistics statistics = shelf.statistics(key);
        bounds = new SpanJudging.Bounds(statistics.minMs(), statistics.maxMs() + 1);
      }
    }
    judging
        .judge(event, key, name, bounds, nowMs)
        .ifPresent(told -> tell(event, told, traceparent, nowMs, started));
    shelf.forget(event.event(), SpanJudging.KEPT_SPANS);
  }

  private void tell(
      EventFacts event,
      SpanJudging.Told told,
      @Nullable String traceparent,
      long nowMs,
      long startedNanos) {
    DataVerdict verdict = told.verdict();
    String status = verdict.status().name();
    context.forward(
        new Record<>(
            event.event() + "/" + verdict.span(),
            verdict,
            nowMs,
            tracing.judged(app, event.event(), verdict.span(), status, traceparent)));
    metrics.judged(event.event(), status, told.revised(), System.nanoTime() - startedNanos);
  }
}
