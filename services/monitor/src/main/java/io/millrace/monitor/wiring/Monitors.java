// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.wiring;

import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.monitor.adapter.kafka.ApplicationFeed;
import io.millrace.monitor.loop.ApplicationMonitor;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.springframework.context.SmartLifecycle;

/** One monitor and one feed per application, built anew when its definition changes. */
final class Monitors implements SmartLifecycle, ApplicationChangeListener {
  private final ApplicationRegistry registry;
  private final Function<ApplicationApplied, ApplicationMonitor> monitorFactory;
  private final BiFunction<String, ApplicationMonitor, ApplicationFeed> feedFactory;
  private final Map<String, ApplicationMonitor> monitors = new ConcurrentSkipListMap<>();
  private final Map<String, ApplicationFeed> feeds = new ConcurrentHashMap<>();
  private volatile boolean running;

  Monitors(
      ApplicationRegistry registry,
      Function<ApplicationApplied, ApplicationMonitor> monitorFactory,
      BiFunction<String, ApplicationMonitor, ApplicationFeed> feedFactory) {
    this.registry = registry;
    this.monitorFactory = monitorFactory;
    this.feedFactory = feedFactory;
  }

  Optional<ApplicationMonitor> find(String app) {
    return Optional.ofNullable(monitors.get(app));
  }

  Set<String> names() {
    return Set.copyOf(monitors.keySet());
  }

  @Override
  public void start() {
    running = true;
    registry.listen(this);
  }

  @Override
  public synchronized void applied(ApplicationApplied applied) {
    close(applied.app());
    if (!running) {
      return;
    }
    ApplicationMonitor monitor = monitorFactory.apply(applied);
    ApplicationFeed feed = feedFactory.apply(applied.app(), monitor);
    monitors.put(applied.app(), monitor);
    feeds.put(applied.app(), feed);
    feed.start();
  }

  @Override
  public synchronized void deleted(ApplicationApplied last) {
    close(last.app());
    monitors.remove(last.app());
  }

  private void close(String app) {
    ApplicationFeed feed = feeds.remove(app);
    if (feed != null) {
      feed.close();
    }
  }

  @Override
  public synchronized void stop() {
    running = false;
    Set.copyOf(feeds.keySet()).forEach(this::close);
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
