// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.wiring;

import io.millrace.common.topic.Topics;
import io.millrace.inference.adapter.kafka.EventPredictions.ModelsCatchUp;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far each {@code <app>.models} has been read. Deciding events may be skipped for want of a
 * champion only once the whole topic is known; else a restart would lose predictions.
 */
final class ModelsOffset implements ModelsCatchUp {
  private static final Logger LOG = LoggerFactory.getLogger(ModelsOffset.class);
  private static final long ASK_EVERY_MS = 50;
  private static final long ADMIN_TIMEOUT_MS = 5_000;

  private final Admin admin;
  private final Map<String, Long> seen = new ConcurrentHashMap<>();

  ModelsOffset(Admin admin) {
    this.admin = admin;
  }

  void seen(String topic, long offset) {
    seen.merge(topic, offset, Math::max);
  }

  @Override
  public boolean await(String app, CountDownLatch stopped) throws InterruptedException {
    String topic = new Topics(app).models().name();
    long end = -1;
    while (true) {
      if (end < 0) {
        end = endOffset(topic);
      }
      if (end == 0 || (end > 0 && seen.getOrDefault(topic, -1L) >= end - 1)) {
        return true;
      }
      if (stopped.await(ASK_EVERY_MS, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
  }

  private long endOffset(String topic) throws InterruptedException {
    TopicPartition partition = new TopicPartition(topic, 0);
    try {
      ListOffsetsResultInfo info =
          admin
              .listOffsets(Map.of(partition, OffsetSpec.latest()))
              .partitionResult(partition)
              .get(ADMIN_TIMEOUT_MS, TimeUnit.MILLISECONDS);
      return info.offset();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("end of {} not known yet: {}", topic, e.toString());
      return -1;
    }
  }
}
