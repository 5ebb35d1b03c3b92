// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.progress.ProgressBoard;
import io.millrace.featurestore.topology.OpenMoment.Status;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Joins positive events to open moments of the same join key, closes windows by stream time, and
 * corrects what was closed too early. One store entry per moment, found by a range scan, so that a
 * key with many open moments costs what its matching moments cost.
 *
 * <p>Whatever the order of arrival, the last revision of a label is 1 exactly where a positive
 * event lies in the window. Repeated deciding events change nothing.
 */
final class LabelProcessor implements Processor<String, Outcome, String, OutcomeLabelled> {
  /** Positive events that came so late that labels which they would have corrected may be gone. */
  static final String LATE_OUTCOMES = "late_outcomes";

  /** Moments that came so late that a positive event of their window may be gone. */
  static final String LATE_MOMENTS = "late_moments";

  private static final Duration CLOSE_EVERY = Duration.ofMillis(50);
  private static final int CLOSE_MAX = 10_000;
  private static final Duration COMMIT_DEADLINE = Duration.ofSeconds(8);

  private final LabelRule rule;
  private final String storeName;
  private final Collaborators with;
  private final Upstreams upstreams;
  private final Spans spans;
  private final PendingWrites pending = new PendingWrites();
  private @Nullable ProcessorContext<String, OutcomeLabelled> context;
  private @Nullable LabelStore openedStore;
  private @Nullable Tallies openedTallies;
  private @Nullable MomentShards openedShards;
  private ProgressBoard.@Nullable Place place;
  private @Nullable JoinClock startedClock;
  private int partition;

  /** Every window that ended before this stream time is closed; and as far as the store knows. */
  private long closedMs = Long.MIN_VALUE;

  private long toldClosedMs = Long.MIN_VALUE;

  LabelProcessor(LabelRule rule, String storeName, Collaborators with, Upstreams upstreams) {
    this.rule = rule;
    this.storeName = storeName;
    this.with = with;
    this.upstreams = upstreams;
    this.spans = new Spans(with.tracer());
  }

  @Override
  public void init(ProcessorContext<String, OutcomeLabelled> processorContext) {
    context = processorContext;
    CommitStore store = processorContext.getStateStore(storeName);
    openedStore = new LabelStore(store, LabelStore.ENTRIES_MAX);
    Tallies tallies = new Tallies(store);
    openedTallies = tallies;
    openedShards = new MomentShards(store, MomentShards.MOMENTS);
    partition = processorContext.taskId().partition();
    // Without a repartition topic the only upstream is the task's own partition.
    startedClock =
        rule.joinsByRecordKey()
            ? new JoinClock(tallies.streamTimeMs(), 1, upstream -> false)
            : new JoinClock(
                tallies.streamTimeMs(),
                Topics.PARTITIONS,
                upstream -> upstreams.isDrained(upstream, processorContext.taskId().partition()));
    place =
        new ProgressBoard.Place(
            rule.app(),
            processorContext.applicationId(),
            storeName + "/" + processorContext.taskId());
    publish();
    store.beforeCommit(this::beforeCommit);
    processorContext.schedule(CLOSE_EVERY, PunctuationType.WALL_CLOCK_TIME, now -> closeWindows());
  }

  private LabelStore store() {
    return Objects.requireNonNull(openedStore);
  }

  private JoinClock clock() {
    return Objects.requireNonNull(startedClock);
  }

  private MomentShards shards() {
    return Objects.requireNonNull(openedShards);
  }

  private Tallies tallies() {
    return Objects.requireNonNull(openedTallies);
  }

  @Override
  public void process(Record<String, Outcome> record) {
    if (!(record.value() instanceof Outcome.Accepted accepted)) {
      return;
    }
    Event event = accepted.event();
    // One dated ahead says nothing of what else has happened until then.
    long heardMs = Math.min(event.eventTimeMs(), accepted.knownAtMs(record.timestamp()));
    clock().heard(origin(record.headers()), heardMs, with.clock().millis());
    tallies().advance(clock().timeMs(), event.knownAtMs());
    if (rule.isPositive(event)) {
      positive(record.key(), event);
    }
    if (rule.opens(event)) {
      open(record.key(), event, accepted.raw(), record.headers());
    }
  }

  private static int origin(Headers headers) {
    Header header = headers.lastHeader(RekeyProcessor.ORIGIN);
    return header == null ? 0 : ((header.value()[0] & 0xff) << 8) | (header.value()[1] & 0xff);
  }

  private void open(String joinKey, Event event, byte[] raw, Headers headers) {
    byte[] key = LabelKeys.moment(joinKey, event.eventTimeMs(), event.id());
    if (store().get(key) != null) {
      return;
    }
    var entities = rule.definition().entityKeys(event.data());
    int shard = shards().next(event.eventTimeMs());
    pending.add(with.moments().put(rule.hash(), partition, shard, event, entities, raw));
    tallies().count("moments", 1);
    RecordHeaders traced = new RecordHeaders();
    TraceHeaders.inject(Context.current(), traced);
    Header parent = traced.lastHeader("traceparent");
    if (parent == null) {
      parent = headers.lastHeader("traceparent");
    }
    String trace = parent == null ? "" : new String(parent.value(), StandardCharsets.UTF_8);
    if (rule.isJoined()) {
      OpenMoment moment =
          new OpenMoment(Status.OPEN, shard, 0, event.knownAtMs(), 0, trace, entities);
      PositiveEvents.Entry known = knownPositive(joinKey, event);
      if (known == null) {
        if (rule.findsUntil(event.eventTimeMs()) < clock().timeMs()) {
          tallies().count(LATE_MOMENTS, 1);
        }
        keep(key, moment, rule.closesAt(event.eventTimeMs()));
      } else {
        emit(key, moment, 1.0, Provenance.OBSERVED, known.id(), known.knownAtMs());
      }
      return;
    }
    double value = rule.valueOf(event);
    if (Double.isNaN(value)) {
      tallies().count("unlabelled", 1);
      return;
    }
    OpenMoment moment =
        new OpenMoment(Status.VALUED, shard, 0, event.knownAtMs(), value, trace, entities);
    if (rule.knownAt(event.eventTimeMs()) <= clock().timeMs()) {
      emit(key, moment, value, Provenance.OBSERVED, event.id(), event.knownAtMs());
    } else {
      keep(key, moment, rule.knownAt(event.eventTimeMs()) - 1);
    }
  }

  /** A positive event of the window that arrived before its moment did. */
  private PositiveEvents.@Nullable Entry knownPositive(String joinKey, Event event) {
    long momentMs = event.eventTimeMs();
    for (Map.Entry<Bytes, byte[]> found :
        store()
            .range(
                LabelKeys.positive(joinKey, rule.windowFrom(momentMs)),
                LabelKeys.positive(joinKey, rule.windowTo(momentMs)))) {
      PositiveEvents.Entry entry =
          PositiveEvents.of(found.getValue()).other(rule.decidesItself() ? event.id() : null);
      if (entry != null) {
        return entry;
      }
    }
    return null;
  }

  private void positive(String joinKey, Event event) {
    long timeMs = event.eventTimeMs();
    if (rule.correctsUntil(timeMs) < clock().timeMs()) {
      tallies().count(LATE_OUTCOMES, 1);
    }
    byte[] key = LabelKeys.positive(joinKey, timeMs);
    byte[] before = store().get(key);
    PositiveEvents after = PositiveEvents.of(before).with(event.id(), event.knownAtMs());
    if (after != null) {
      store().put(key, after.toBytes());
    }
    if (before == null) {
      store().setDeadline(rule.positiveForgottenAt(timeMs), key);
    }
    for (Map.Entry<Bytes, byte[]> found :
        store()
            .range(
                LabelKeys.momentsFrom(joinKey, rule.momentFrom(timeMs)),
                LabelKeys.momentsTo(joinKey, rule.momentTo(timeMs)))) {
      byte[] moment = found.getKey().get();
      if (!rule.decidesItself() || !LabelKeys.idOf(moment).equals(event.id())) {
        decide(moment, OpenMoment.of(found.getValue()), event);
      }
    }
  }

  private void decide(byte[] key, OpenMoment found, Event event) {
    OpenMoment moment = found;
    long momentMs = LabelKeys.timeOf(key);
    if (moment.status() == Status.OPEN && rule.closesAt(momentMs) < clock().timeMs()) {
      // Closed by stream time, only not swept yet: the same two labels as if it had been.
      store().removeDeadline(rule.closesAt(momentMs), key);
      moment = closeAsNegative(key, moment);
    }
    boolean closed = moment.status() == Status.NEGATIVE;
    emit(
        key,
        moment,
        1.0,
        closed ? Provenance.CORRECTION : Provenance.OBSERVED,
        event.id(),
        event.knownAtMs());
    store().delete(key);
    long deadline = closed ? rule.forgottenAt(momentMs) : rule.closesAt(momentMs);
    store().removeDeadline(deadline, key);
  }

  private void keep(byte[] key, OpenMoment moment, long deadlineMs) {
    store().put(key, moment.toBytes());
    store().setDeadline(deadlineMs, key);
  }

  /** Looks at everything whose deadline stream time has passed. */
  private void closeWindows() {
    long now = clock().advance(with.clock().millis());
    if (now == Long.MIN_VALUE) {
      return;
    }
    List<byte[]> due = store().due(now, CLOSE_MAX);
    for (byte[] key : due) {
      byte[] bytes = LabelKeys.isMoment(key) ? store().get(key) : null;
      if (bytes == null) {
        store().delete(key);
        continue;
      }
      OpenMoment moment = OpenMoment.of(bytes);
      switch (moment.status()) {
        case OPEN -> closeAsNegative(key, moment);
        case NEGATIVE -> store().delete(key);
        case VALUED -> {
          emit(
              key,
              moment,
              moment.value(),
              Provenance.OBSERVED,
              LabelKeys.idOf(key),
              tallies().knownAtMs());
          store().delete(key);
        }
      }
    }
    if (due.size() < CLOSE_MAX) {
      closedMs = now;
    }
  }

  private OpenMoment closeAsNegative(byte[] key, OpenMoment moment) {
    emit(
        key,
        moment,
        rule.implicitValue(),
        Provenance.IMPLICIT_NEGATIVE,
        null,
        tallies().knownAtMs());
    OpenMoment closed =
        new OpenMoment(
            Status.NEGATIVE,
            moment.shard(),
            moment.revision() + 1,
            moment.knownAtMs(),
            0,
            moment.traceparent(),
            moment.entities());
    keep(key, closed, rule.forgottenAt(LabelKeys.timeOf(key)));
    return closed;
  }

  private void emit(
      byte[] key,
      OpenMoment moment,
      double value,
      Provenance provenance,
      @Nullable String outcomeEventId,
      long knownAtMs) {
    OutcomeLabelled label =
        new OutcomeLabelled(
            rule.app(),
            LabelKeys.idOf(key),
            moment.entities(),
            LabelKeys.timeOf(key),
            moment.knownAtMs(),
            value,
            provenance,
            moment.revision() + 1,
            outcomeEventId,
            clock().timeMs(),
            Math.max(knownAtMs, moment.knownAtMs()));
    pending.add(with.moments().label(rule.hash(), moment.shard(), label));
    tallies().count(provenance.name(), 1);
    with.measures().labelled(rule.app(), provenance.name());
    Headers headers = new RecordHeaders();
    if (!moment.traceparent().isEmpty()) {
      headers.add("traceparent", moment.traceparent().getBytes(StandardCharsets.UTF_8));
    }
    spans.around(
        "label " + rule.app(),
        SpanKind.PRODUCER,
        headers,
        () -> {
          TraceHeaders.inject(Context.current(), headers);
          Objects.requireNonNull(context)
              .forward(new Record<>(label.predictionId(), label, with.clock().millis(), headers));
        });
  }

  private void beforeCommit() {
    with.moments().flush();
    pending.await(System.nanoTime() + COMMIT_DEADLINE.toNanos());
    if (closedMs > toldClosedMs) {
      // Only now are the labels durable that this is about; the next commit waits for it.
      pending.add(with.moments().closed(rule.app(), rule.hash(), partition, closedMs));
      toldClosedMs = closedMs;
    }
    store().save();
    shards().save();
    tallies().save();
    publish();
  }

  private void publish() {
    with.board()
        .publish(
            Objects.requireNonNull(place),
            new ProgressBoard.Snapshot(tallies().streamTimeMs(), tallies().counts()));
  }

  @Override
  public void close() {
    if (place != null) {
      with.board().remove(place);
    }
  }
}
