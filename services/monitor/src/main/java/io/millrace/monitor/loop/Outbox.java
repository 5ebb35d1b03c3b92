// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.TrainingRequested;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announcements in the order in which they were decided. What cannot be published now stays first
 * in line and is tried again with the next one or the next heartbeat, so that a broker that is away
 * loses nothing and changes no order. After a kill the monitor finds out from the topics what it
 * still owes: see {@link DriftDesk#live}. Not thread-safe.
 */
final class Outbox implements Announcements {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private final Announcements topics;
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  Outbox(Announcements topics) {
    this.topics = topics;
  }

  @Override
  public void drift(DriftDetected drift) {
    put(() -> topics.drift(drift));
  }

  @Override
  public void alert(AlertRaised alert) {
    put(() -> topics.alert(alert));
  }

  @Override
  public void training(TrainingRequested request) {
    put(() -> topics.training(request));
  }

  @Override
  public void model(ModelVersionChanged version) {
    put(() -> topics.model(version));
  }

  private void put(Runnable announcement) {
    waiting.addLast(announcement);
    if (waiting.size() == 1) {
      flush();
    }
  }

  /** Publishes what waits, until something cannot be published. */
  void flush() {
    while (!waiting.isEmpty()) {
      try {
        waiting.getFirst().run();
      } catch (IllegalStateException e) {
        LOG.warn("{} announcements wait: {}", waiting.size(), e.toString());
        return;
      }
      waiting.removeFirst();
    }
  }

  /** Announcements that wait. */
  int waiting() {
    return waiting.size();
  }
}
