// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.topic.Topics;
import io.millrace.featurestore.dataset.DataVersion;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Where the topics end that a dataset comes from: those of the events, and that of the labels. Not
 * how far this instance, or all of them, have processed them: what is accepted and not yet
 * processed belongs into the dataset, and a build waits for it. Which windows are closed is asked
 * for as well, because a positive label may stand long before its moment becomes a row.
 * Thread-safe.
 */
public final class TopicEnds implements DataVersion {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final Admin admin;
  private final MomentStore moments;

  public TopicEnds(Admin admin, MomentStore moments) {
    this.admin = admin;
    this.moments = moments;
  }

  @Override
  public String of(Generation generation, @Nullable LabelRule rule) {
    Topics topics = new Topics(generation.app());
    TreeSet<String> names = new TreeSet<>();
    for (FeatureGroup group : generation.groups()) {
      names.add(topics.events(group.source()).name());
    }
    if (rule == null) {
      return ends(names);
    }
    rule.sources().forEach(source -> names.add(topics.events(source).name()));
    names.add(topics.labels().name());
    String ends = ends(names);
    return rule.isJoined()
        ? ends + " closed " + new TreeMap<>(moments.closed(rule.app(), rule.hash()))
        : ends;
  }

  /** Topic, partitions and their ends; a topic that was made anew is another one. */
  private String ends(TreeSet<String> names) {
    try {
      long millis = TIMEOUT.toMillis();
      Map<String, TopicDescription> described =
          admin.describeTopics(names).allTopicNames().get(millis, TimeUnit.MILLISECONDS);
      Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
      described.forEach(
          (name, topic) ->
              topic
                  .partitions()
                  .forEach(
                      each ->
                          asked.put(
                              new TopicPartition(name, each.partition()), OffsetSpec.latest())));
      Map<String, Uuid> ids = new HashMap<>();
      described.forEach((name, topic) -> ids.put(name, topic.topicId()));
      Map<String, Long> ends = new TreeMap<>();
      admin
          .listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
          .all()
          .get(millis, TimeUnit.MILLISECONDS)
          .forEach(
              (partition, end) ->
                  ends.put(ids.get(partition.topic()) + "-" + partition.partition(), end.offset()));
      return ends.toString();
    } catch (ExecutionException | TimeoutException e) {
      throw new StoreUnavailableException("Kafka does not say how far the topics are", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while asking Kafka", e);
    }
  }
}
