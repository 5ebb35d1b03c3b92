// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.http;

import io.millrace.chassis.registry.ApplicationChangeListener;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a change be answered once this instance itself knows it, so that who has put an application
 * into force can send its events at once. Thread-safe.
 */
public final class RegistryWatch implements ApplicationChangeListener {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryWatch.class);
  private static final long LOOK_MS = 200;
  private static final Duration WAIT_MAX = Duration.ofSeconds(10);

  private final ApplicationRegistry registry;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  public RegistryWatch(ApplicationRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void applied(ApplicationApplied applied) {
    signal();
  }

  @Override
  public void deleted(ApplicationApplied last) {
    signal();
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void awaitVersion(String app, int version) {
    await(
        () -> registry.find(app).filter(each -> each.version() >= version).isPresent(),
        app + " in version " + version);
  }

  void awaitDeletion(String app) {
    await(() -> registry.find(app).isEmpty(), "the deletion of " + app);
  }

  private void await(BooleanSupplier known, String what) {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    lock.lock();
    try {
      while (!known.getAsBoolean()) {
        if (System.nanoTime() > deadline) {
          LOG.warn("this instance has not heard of {} after {}", what, WAIT_MAX);
          return;
        }
        // The registry signals; looking now and then guards against a signal before the wait.
        if (!changed.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
          LOG.trace("still waiting for {}", what);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
