// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.progress;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How far each stateful task of this instance is, as of its last commit. Tallies are part of the
 * committed state, so they are exact across crashes. Thread-safe.
 */
public final class ProgressBoard {
  private final Map<Place, Snapshot> places = new ConcurrentHashMap<>();

  /**
   * A task.
   *
   * @param streams application id of its streams application
   * @param task name of the processor and number of the task
   */
  public record Place(String app, String streams, String task) {}

  /**
   * Where it is.
   *
   * @param streamTimeMs greatest event time seen; {@link Long#MIN_VALUE} before any
   * @param tallies name → count since the beginning of the topics
   */
  public record Snapshot(long streamTimeMs, Map<String, Long> tallies) {
    public Snapshot {
      tallies = Map.copyOf(tallies);
    }
  }

  public void publish(Place place, Snapshot snapshot) {
    places.put(place, snapshot);
  }

  public void remove(Place place) {
    places.remove(place);
  }

  /** Whether this instance has a task of a processor of a streams application. */
  public boolean has(String streams, String processor) {
    return places.keySet().stream()
        .anyMatch(
            place -> place.streams().equals(streams) && place.task().startsWith(processor + "/"));
  }

  /** All tasks of one streams application together: greatest stream time, sums of the tallies. */
  public Snapshot of(String streams) {
    long streamTime = Long.MIN_VALUE;
    Map<String, Long> sums = new TreeMap<>();
    for (Map.Entry<Place, Snapshot> each : places.entrySet()) {
      if (each.getKey().streams().equals(streams)) {
        streamTime = Math.max(streamTime, each.getValue().streamTimeMs());
        each.getValue().tallies().forEach((name, count) -> sums.merge(name, count, Long::sum));
      }
    }
    return new Snapshot(streamTime, sums);
  }
}
