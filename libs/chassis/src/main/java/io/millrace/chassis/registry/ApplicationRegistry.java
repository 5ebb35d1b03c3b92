// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.registry;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.definition.ApplicationDefinition;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The applications in force, fed from {@code millrace.applications}. Until it has been read to
 * where it ended at the start, a missing application is not known to be missing, and listeners are
 * told nothing: what is read first may have been replaced or deleted long ago, and whoever began
 * with it would answer by it, or remove what belongs to an application that is in force again.
 * Thread-safe; listeners are called on the consuming thread, one change at a time and in order, so
 * they must not block for long.
 */
public final class ApplicationRegistry {
  private final ConcurrentSkipListMap<String, ApplicationApplied> applications =
      new ConcurrentSkipListMap<>();
  private final List<ApplicationChangeListener> listeners = new CopyOnWriteArrayList<>();

  /** Those that were found deleted while the topic was being read; under the lock of this. */
  private final Map<String, ApplicationApplied> deletedBefore = new HashMap<>();

  private final long endAtStart;
  private volatile boolean complete;

  /**
   * @param endAtStart offset at which the topic ended when the service started; 0 for an empty one
   */
  public ApplicationRegistry(long endAtStart) {
    this.endAtStart = endAtStart;
    this.complete = endAtStart == 0;
  }

  /** Adds a listener and tells it of every application that is known to be in force. */
  public synchronized void listen(ApplicationChangeListener listener) {
    listeners.add(listener);
    if (complete) {
      applications.values().forEach(listener::applied);
    }
  }

  /**
   * Takes a record of the topic; null means deleted. A version that is known already is skipped.
   */
  public synchronized void accept(String app, @Nullable ApplicationApplied applied) {
    if (applied == null) {
      ApplicationApplied removed = applications.remove(app);
      if (removed != null && complete) {
        listeners.forEach(listener -> listener.deleted(removed));
      } else if (removed != null) {
        deletedBefore.put(app, removed);
      }
      return;
    }
    ApplicationApplied before = applications.put(app, applied);
    if (!complete) {
      deletedBefore.remove(app);
    } else if (before == null || before.version() != applied.version()) {
      listeners.forEach(listener -> listener.applied(applied));
    }
  }

  /** Takes notice that every record before an offset has been taken. */
  public synchronized void readTo(long nextOffset) {
    if (complete || nextOffset < endAtStart) {
      return;
    }
    for (ApplicationChangeListener listener : listeners) {
      deletedBefore.values().forEach(listener::deleted);
      applications.values().forEach(listener::applied);
    }
    deletedBefore.clear();
    // Only now, so that nobody takes the service to be ready that has begun with none of them.
    complete = true;
  }

  /** Whether every application that was in force at the start is known. */
  public boolean isComplete() {
    return complete;
  }

  public Optional<ApplicationApplied> find(String app) {
    return Optional.ofNullable(applications.get(app));
  }

  /** The definition of an application; see {@link #requireApplied}. */
  public ApplicationDefinition require(String app) {
    return requireApplied(app).definition();
  }

  /**
   * An application, for an HTTP client that asked.
   *
   * @throws ApplicationsUnreadException (503) where it may be among those that are not read yet
   * @throws UnknownApplicationException (404) where there is none
   */
  public ApplicationApplied requireApplied(String app) {
    // Asked in this order: once it is complete, everything from before the start is found.
    boolean all = complete;
    return find(app)
        .orElseThrow(
            () ->
                all ? new UnknownApplicationException(app) : new ApplicationsUnreadException(app));
  }

  public Collection<ApplicationApplied> all() {
    return List.copyOf(applications.values());
  }
}
