// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.time.Duration;
import java.util.Objects;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Hands events to the {@link GroupTask} of its partition. */
final class GroupProcessor implements Processor<String, Outcome, Void, Void> {
  private static final int FLUSH_MS = 20;

  private final Generation generation;
  private final FeatureGroup group;
  private final String storeName;
  private final Collaborators with;
  private @Nullable GroupTask task;

  GroupProcessor(Generation generation, FeatureGroup group, String storeName, Collaborators with) {
    this.generation = generation;
    this.group = group;
    this.storeName = storeName;
    this.with = with;
  }

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    CommitStore store = context.getStateStore(storeName);
    GroupTask own =
        new GroupTask(
            generation,
            group,
            store,
            context.applicationId(),
            storeName + "/" + context.taskId(),
            with);
    task = own;
    store.beforeCommit(own::beforeCommit);
    context.schedule(
        Duration.ofMillis(FLUSH_MS), PunctuationType.WALL_CLOCK_TIME, now -> own.flush());
  }

  @Override
  public void process(Record<String, Outcome> record) {
    if (record.value() instanceof Outcome.Accepted accepted) {
      Objects.requireNonNull(task).apply(record.key(), accepted, record.timestamp());
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
