// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.topic;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates topics that are not there. Idempotent; concurrent callers do not disturb each other. */
public final class TopicCreation {
  private static final Duration PAUSE = Duration.ofMillis(50);

  private TopicCreation() {}

  /**
   * @throws IllegalStateException where the broker refuses or does not answer in time
   */
  public static void ensure(
      Admin admin, Collection<? extends Topic<?, ?>> topics, Duration timeout) {
    ensure(admin, topics.stream().map(Topic::toNewTopic).toList(), timeout);
  }

  /**
   * @throws IllegalStateException where the broker refuses or does not answer in time
   */
  public static void ensure(Admin admin, List<NewTopic> topics, Duration timeout) {
    try {
      long millis = timeout.toMillis();
      Set<String> existing = admin.listTopics().names().get(millis, TimeUnit.MILLISECONDS);
      List<NewTopic> missing =
          topics.stream().filter(topic -> !existing.contains(topic.name())).toList();
      Map<String, KafkaFuture<Void>> created = admin.createTopics(missing).values();
      for (KafkaFuture<Void> each : created.values()) {
        try {
          each.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw e;
          }
        }
      }
      awaitLeaders(admin, missing, millis);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot create topics: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topics", e);
    }
  }

  /**
   * A topic is created before its leaders lead. An idempotent producer whose first batch meets that
   * gap and whose second does not can lose the first: the broker takes the second as the beginning
   * of the sequence.
   */
  private static void awaitLeaders(Admin admin, List<NewTopic> topics, long millis)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (NewTopic topic : topics) {
      for (int partition = 0; partition < Math.max(1, topic.numPartitions()); partition++) {
        asked.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (true) {
      try {
        // Only a leader answers; the client asks again until there is one.
        admin.listOffsets(asked).all().get(millis, TimeUnit.MILLISECONDS);
        return;
      } catch (ExecutionException e) {
        // The broker that is asked may not have heard of a topic that another one has just made;
        // for the client that is final.
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
            || System.nanoTime() - deadline >= 0) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }
}
