// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.time.Duration;
import java.util.Objects;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Hands events to the {@link GroupTask} of its partition, and on what their features are if the
 * view says so.
 */
final class GroupProcessor implements Processor<String, Outcome, String, byte[]> {
  private static final int FLUSH_MS = 10;

  private final Generation generation;
  private final FeatureGroup group;
  private final String storeName;
  private final int parts;
  private final Collaborators with;
  private final CommitPace pace;
  private @Nullable GroupTask task;
  private @Nullable Answers answers;
  private @Nullable ProcessorContext<String, byte[]> target;

  GroupProcessor(
      Generation generation, FeatureGroup group, String storeName, int parts, Collaborators with) {
    this.parts = parts;
    this.generation = generation;
    this.group = group;
    this.storeName = storeName;
    this.with = with;
    this.pace = new CommitPace(with.clock());
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
            with);
    task = own;
    target = context;
    answers = Answers.isNeeded(generation, group) ? new Answers(generation, group) : null;
    store.beforeCommit(own::beforeCommit);
    pace.start(context);
    context.schedule(
        Duration.ofMillis(FLUSH_MS),
        PunctuationType.WALL_CLOCK_TIME,
        now -> {
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
    GroupState state =
        Objects.requireNonNull(task).apply(record.key(), accepted, record.timestamp());
    if (answers != null && state != null) {
      ProcessorContext<String, byte[]> context = Objects.requireNonNull(target);
      answers.write(
          state,
          accepted.event().eventTimeMs(),
          record.headers(),
          (value, headers) ->
              context.forward(new Record<>(record.key(), value, record.timestamp(), headers)));
    }
  }

  @Override
  public void close() {
    if (task != null) {
      task.close();
      task = null;
    }
  }
}
