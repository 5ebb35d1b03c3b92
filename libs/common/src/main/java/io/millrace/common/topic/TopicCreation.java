// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.topic;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics that are not there. Idempotent; concurrent callers do not disturb each other. */
public final class TopicCreation {
  private TopicCreation() {}

  /**
   * @throws IllegalStateException where the broker refuses or does not answer in time
   */
  public static void ensure(
      Admin admin, Collection<? extends Topic<?, ?>> topics, Duration timeout) {
    try {
      long millis = timeout.toMillis();
      Set<String> existing = admin.listTopics().names().get(millis, TimeUnit.MILLISECONDS);
      Map<String, KafkaFuture<Void>> created =
          admin
              .createTopics(
                  topics.stream()
                      .filter(topic -> !existing.contains(topic.name()))
                      .map(Topic::toNewTopic)
                      .toList())
              .values();
      for (KafkaFuture<Void> each : created.values()) {
        try {
          each.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw e;
          }
        }
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot create topics: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topics", e);
    }
  }
}
