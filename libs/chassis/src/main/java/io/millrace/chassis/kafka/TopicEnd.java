// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Where a topic of one partition ends. */
public final class TopicEnd {
  private TopicEnd() {}

  /**
   * The offset of the next record.
   *
   * @throws IllegalStateException where the broker does not answer in time
   */
  public static long of(Admin admin, String topic, Duration timeout) {
    TopicPartition only = new TopicPartition(topic, 0);
    try {
      return admin
          .listOffsets(Map.of(only, OffsetSpec.latest()))
          .partitionResult(only)
          .get(timeout.toMillis(), TimeUnit.MILLISECONDS)
          .offset();
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot ask where " + topic + " ends: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking where " + topic + " ends", e);
    }
  }
}
