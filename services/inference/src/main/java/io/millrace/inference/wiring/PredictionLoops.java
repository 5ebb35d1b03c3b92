// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.wiring;

import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.inference.adapter.kafka.EventPredictions;
import io.millrace.inference.model.ModelDirectory;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.springframework.context.SmartLifecycle;

/**
 * One prediction loop per application that has a model, started and stopped as definitions change.
 */
final class PredictionLoops implements SmartLifecycle, ApplicationChangeListener {
  private final ApplicationRegistry registry;
  private final ModelDirectory models;
  private final Function<ApplicationApplied, EventPredictions> factory;
  private final Map<String, EventPredictions> loops = new HashMap<>();
  private boolean running;

  PredictionLoops(
      ApplicationRegistry registry,
      ModelDirectory models,
      Function<ApplicationApplied, EventPredictions> factory) {
    this.registry = registry;
    this.models = models;
    this.factory = factory;
  }

  @Override
  public void start() {
    synchronized (this) {
      running = true;
    }
    registry.listen(this);
  }

  @Override
  public synchronized void applied(ApplicationApplied applied) {
    EventPredictions before = loops.remove(applied.app());
    if (before != null) {
      before.close();
    }
    if (running && applied.definition().model() != null) {
      EventPredictions loop = factory.apply(applied);
      loops.put(applied.app(), loop);
      loop.start();
    }
  }

  @Override
  public synchronized void deleted(ApplicationApplied last) {
    EventPredictions loop = loops.remove(last.app());
    if (loop != null) {
      loop.close();
    }
    models.forget(last.app());
  }

  @Override
  public synchronized void stop() {
    running = false;
    loops.values().forEach(EventPredictions::close);
    loops.clear();
  }

  @Override
  public synchronized boolean isRunning() {
    return running;
  }
}
