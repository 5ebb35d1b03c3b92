// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.registry;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.definition.ApplicationDefinition;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The applications in force, fed from {@code millrace.applications}. Thread-safe; listeners are
 * called on the consuming thread, one change at a time and in order, so they must not block for
 * long.
 */
public final class ApplicationRegistry {
  private final ConcurrentSkipListMap<String, ApplicationApplied> applications =
      new ConcurrentSkipListMap<>();
  private final List<ApplicationChangeListener> listeners = new CopyOnWriteArrayList<>();

  /** Adds a listener and tells it of every application that is in force already. */
  public synchronized void listen(ApplicationChangeListener listener) {
    listeners.add(listener);
    applications.values().forEach(listener::applied);
  }

  /**
   * Takes a record of the topic; null means deleted. A version that is known already is skipped.
   */
  public synchronized void accept(String app, @Nullable ApplicationApplied applied) {
    if (applied == null) {
      ApplicationApplied removed = applications.remove(app);
      if (removed != null) {
        listeners.forEach(listener -> listener.deleted(removed));
      }
      return;
    }
    ApplicationApplied before = applications.put(app, applied);
    if (before == null || before.version() != applied.version()) {
      listeners.forEach(listener -> listener.applied(applied));
    }
  }

  public Optional<ApplicationApplied> find(String app) {
    return Optional.ofNullable(applications.get(app));
  }

  /** The definition of an application, or a 404 for the HTTP client that asked. */
  public ApplicationDefinition require(String app) {
    return find(app)
        .map(ApplicationApplied::definition)
        .orElseThrow(() -> new UnknownApplicationException(app));
  }

  public Collection<ApplicationApplied> all() {
    return List.copyOf(applications.values());
  }
}
