// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.featurestore.adapter.kafka.ApplicationStreams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.SmartLifecycle;

/**
 * The streams of every application, started and stopped as definitions come and go. Thread-safe.
 */
final class Applications implements SmartLifecycle, ApplicationChangeListener {
  /** Of somebody who waits for an answer. */
  private static final Duration HISTORY_PATIENCE = Duration.ofSeconds(10);

  private static final Duration SETTLE_PATIENCE = Duration.ofMinutes(2);

  private final ApplicationRegistry registry;
  private final ApplicationStreams.Settings settings;
  private final Map<String, ApplicationStreams> running = new ConcurrentHashMap<>();

  /** Application → what removes it, or has; one that comes back begins after that. */
  private final Map<String, Thread> removals = new ConcurrentHashMap<>();

  private volatile boolean started;

  Applications(ApplicationRegistry registry, ApplicationStreams.Settings settings) {
    this.registry = registry;
    this.settings = settings;
  }

  @Override
  public void applied(ApplicationApplied applied) {
    running
        .computeIfAbsent(
            applied.app(), app -> new ApplicationStreams(app, settings, removals.remove(app)))
        .apply(applied.definition());
  }

  @Override
  public void deleted(ApplicationApplied last) {
    ApplicationStreams known = running.remove(last.app());
    // One that was deleted while this instance was away has left something as well.
    ApplicationStreams ended =
        known == null ? new ApplicationStreams(last.app(), settings, null) : known;
    removals.put(last.app(), Thread.ofVirtual().name("remove-" + last.app()).start(ended::remove));
  }

  Optional<ApplicationStreams.Status> status(String app) {
    return Optional.ofNullable(running.get(app)).map(ApplicationStreams::status);
  }

  /**
   * Waits until an application's features and labels have taken everything that was accepted.
   *
   * @throws IllegalStateException where they do not go on
   */
  void awaitSettled(String app) throws InterruptedException {
    ApplicationStreams streams = running.get(app);
    if (streams != null) {
      streams.awaitSettled(SETTLE_PATIENCE);
    }
  }

  /**
   * Waits until what an application's features have committed is in the history.
   *
   * @throws IllegalStateException where it does not get there
   */
  void awaitHistory(String app) throws InterruptedException {
    ApplicationStreams streams = running.get(app);
    if (streams != null) {
      streams.awaitHistory(HISTORY_PATIENCE);
    }
  }

  /** By application. */
  Map<String, ApplicationStreams.Status> all() {
    Map<String, ApplicationStreams.Status> statuses = new java.util.TreeMap<>();
    running.forEach((app, streams) -> statuses.put(app, streams.status()));
    return statuses;
  }

  @Override
  public void start() {
    started = true;
    registry.listen(this);
  }

  @Override
  public void stop() {
    started = false;
    List<Thread> stopping = new ArrayList<>();
    running.values().forEach(streams -> stopping.add(Thread.ofVirtual().start(streams::stop)));
    running.clear();
    for (Thread each : stopping) {
      try {
        each.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public boolean isRunning() {
    return started;
  }
}
