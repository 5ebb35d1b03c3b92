// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.common.topic.TopicCreation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What a streams application has in Kafka, for all instances: its group and its own topics. */
final class InternalTopics {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String CHANGELOG = "-changelog";
  private static final String REPARTITION = "-repartition";

  private final Admin admin;
  private final String applicationId;

  InternalTopics(Admin admin, String applicationId) {
    this.admin = admin;
    this.applicationId = applicationId;
  }

  /** The changelog of a store. */
  String changelog(String store) {
    return applicationId + "-" + store + CHANGELOG;
  }

  /**
   * Makes changelogs that are not there, as Kafka Streams would; they can be written to at once.
   *
   * @param partitions store → partitions of its changelog
   */
  void createChangelogs(Map<String, Integer> partitions) {
    List<NewTopic> topics = new ArrayList<>();
    partitions.forEach(
        (store, count) ->
            topics.add(
                new NewTopic(changelog(store), Optional.of(count), Optional.empty())
                    .configs(
                        Map.of(
                            TopicConfig.CLEANUP_POLICY_CONFIG,
                            TopicConfig.CLEANUP_POLICY_COMPACT,
                            TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                            "CreateTime"))));
    TopicCreation.ensure(admin, topics, TIMEOUT);
  }

  /** What tells the changelogs from others of the same name; blank where there are none. */
  String changelogs() throws ExecutionException, TimeoutException, InterruptedException {
    return listed().stream()
        .filter(topic -> topic.name().endsWith(CHANGELOG))
        .map(topic -> topic.topicId() + " " + topic.name())
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private List<TopicListing> listed()
      throws ExecutionException, TimeoutException, InterruptedException {
    Collection<TopicListing> all =
        admin.listTopics().listings().get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    return all.stream()
        .filter(topic -> topic.name().startsWith(applicationId + "-"))
        .filter(topic -> topic.name().endsWith(CHANGELOG) || topic.name().endsWith(REPARTITION))
        .toList();
  }

  /**
   * Removes all of it; what is removed already is no matter.
   *
   * @throws IllegalStateException where that cannot be done now, as while the group has a member
   */
  void remove() {
    try {
      // Kafka itself refuses while an instance is still in the group.
      removed(
          admin.deleteConsumerGroups(List.of(applicationId)).all(), GroupIdNotFoundException.class);
      List<String> names = listed().stream().map(TopicListing::name).toList();
      removed(admin.deleteTopics(names).all(), UnknownTopicOrPartitionException.class);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(
          applicationId + ": its group and topics cannot be removed: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while removing " + applicationId, e);
    }
  }

  private static void removed(KafkaFuture<Void> removal, Class<? extends Exception> already)
      throws ExecutionException, TimeoutException, InterruptedException {
    try {
      removal.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (!already.isInstance(e.getCause())) {
        throw e;
      }
    }
  }
}
