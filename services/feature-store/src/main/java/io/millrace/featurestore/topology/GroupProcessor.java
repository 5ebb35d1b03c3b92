// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.serde.EventSerde;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.time.Duration;
import java.util.Objects;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Hands events to the {@link GroupTask} of its partition, and on what their features are if the
 * view says so.
 *
 * <p>An event dated ahead is held until its time has come, by what other events of the partition
 * show of the time: it is applied before the first one that became known after it happened. Who
 * reads the partition again therefore applies in the same order. Where no other event comes, it is
 * applied once all that became known before it happened has been read.
 */
final class GroupProcessor implements Processor<String, Outcome, String, byte[]> {
  private static final int FLUSH_MS = 10;

  /**
   * So long after an event became known it stands in its topic: ingest gives a write up after 18 s,
   * and clocks differ by some seconds.
   */
  static final Duration WRITTEN_WITHIN = Duration.ofSeconds(30);

  private final Generation generation;
  private final FeatureGroup group;
  private final String storeName;
  private final int parts;
  private final Collaborators with;
  private final ReadProgress reads;
  private final CommitPace pace;
  private final Topic<String, EventRejected> letters;
  private @Nullable GroupTask task;
  private @Nullable Answers answers;
  private @Nullable ProcessorContext<String, byte[]> target;

  GroupProcessor(
      Generation generation,
      FeatureGroup group,
      String storeName,
      int parts,
      Collaborators with,
      ReadProgress reads) {
    this.reads = reads;
    this.parts = parts;
    this.generation = generation;
    this.group = group;
    this.storeName = storeName;
    this.with = with;
    this.pace = new CommitPace(with.clock());
    this.letters = new Topics(generation.app()).rejected();
  }

  /** Name of the node that takes answers. */
  static String answersNode(FeatureGroup group) {
    return "features-" + group.name();
  }

  /** Name of the node that takes the dead letters of answers that are too large. */
  static String lettersNode(FeatureGroup group) {
    return "unanswered-" + group.name();
  }

  @Override
  public void init(ProcessorContext<String, byte[]> context) {
    CommitStore store = context.getStateStore(storeName);
    GroupTask own =
        new GroupTask(
            generation,
            group,
            store,
            context.applicationId(),
            storeName + "/" + context.taskId(),
            context.taskId().partition(),
            parts,
            CommitPace.isAtomic(context),
            with,
            EventSerde.deserializer(generation.fields(group.source())),
            this::answer);
    task = own;
    target = context;
    answers = Answers.isNeeded(generation, group) ? new Answers(generation, group) : null;
    store.beforeCommit(own::beforeCommit);
    pace.start(context);
    context.schedule(
        Duration.ofMillis(FLUSH_MS),
        PunctuationType.WALL_CLOCK_TIME,
        now -> {
          if (own.isHolding()) {
            long readMs = reads.readUntilMs(group.name(), context.taskId().partition());
            if (readMs != ReadProgress.UNKNOWN) {
              own.release(readMs - WRITTEN_WITHIN.toMillis());
            }
          }
          own.flush(pace.isBehind());
          if (own.wantsCommit() && !pace.isBehind()) {
            context.commit();
          }
        });
  }

  @Override
  public void process(Record<String, Outcome> record) {
    if (!(record.value() instanceof Outcome.Accepted accepted)) {
      return;
    }
    pace.record(record.timestamp());
    long offset =
        Objects.requireNonNull(target)
            .recordMetadata()
            .orElseThrow(() -> new IllegalStateException("a record has an origin"))
            .offset();
    Objects.requireNonNull(task).take(record, accepted, offset);
  }

  private void answer(GroupState state, GroupStates.Applied applied) {
    if (answers != null) {
      answers.write(
          state,
          applied.event().eventTimeMs(),
          applied.headers(),
          (view, answer, headers) -> forward(applied, view, answer, headers));
    }
  }

  private void forward(GroupStates.Applied applied, String view, byte[] answer, Headers headers) {
    ProcessorContext<String, byte[]> context = Objects.requireNonNull(target);
    if (answer.length <= Acceptance.RECORD_BYTES_MAX) {
      context.forward(
          new Record<>(applied.key(), answer, applied.timestampMs(), headers), answersNode(group));
      return;
    }
    with.measures().unanswered(generation.app(), view);
    Event event = applied.event();
    // At hand is the record of another event, or none, where this one was held.
    String origin =
        applied.wasHeld()
            ? ""
            : context
                .recordMetadata()
                .map(at -> at.topic() + "/" + at.partition() + "/" + at.offset())
                .orElse("");
    EventRejected letter =
        new EventRejected(
            generation.app(),
            event.id(),
            event.name(),
            Acceptance.SERVICE,
            "too-large",
            null,
            "the features of view '%s' as of this event take %d bytes, and an answer has at most %d"
                .formatted(view, answer.length, Acceptance.RECORD_BYTES_MAX),
            origin,
            null,
            with.clock().millis());
    context.forward(
        new Record<>(
            event.id(),
            letters.valueSerde().serializer().serialize(letters.name(), letter),
            applied.timestampMs(),
            applied.headers()),
        lettersNode(group));
  }

  @Override
  public void close() {
    if (task != null) {
      task.close();
      task = null;
    }
  }
}
