// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.progress;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How long events took from their acceptance to being servable, by group, over the last minutes,
 * and which was the newest. Needs about two kilobytes for each group. Thread-safe.
 */
public final class Freshness {
  private static final int BUCKETS = 256;
  private static final int PER_DOUBLING = 8;
  private static final int SLICES = 5;
  private static final long SLICE_MS = 60_000;

  private final Map<Group, Delays> groups = new ConcurrentHashMap<>();

  private record Group(String app, String name) {}

  /**
   * What was seen.
   *
   * @param events that became servable within the last five minutes
   * @param p50Ms half of them took at most this long, to within a tenth
   * @param p99Ms 99 of 100 of them
   * @param newestAcceptedMs wall clock of the acceptance of the newest one since the start
   */
  public record Seen(
      long events, @Nullable Double p50Ms, @Nullable Double p99Ms, long newestAcceptedMs) {}

  /** Counts by logarithm of the delay, a ring of minutes. */
  private static final class Delays {
    private final int[][] counts = new int[SLICES][BUCKETS];
    private final long[] minutes = new long[SLICES];
    private long newestAcceptedMs = Long.MIN_VALUE;

    private synchronized void add(long acceptedMs, long nowMs) {
      newestAcceptedMs = Math.max(newestAcceptedMs, acceptedMs);
      slice(nowMs)[bucket(nowMs - acceptedMs)]++;
    }

    private int[] slice(long nowMs) {
      long minute = Math.floorDiv(nowMs, SLICE_MS);
      int index = Math.floorMod(minute, SLICES);
      if (minutes[index] != minute) {
        minutes[index] = minute;
        counts[index] = new int[BUCKETS];
      }
      return counts[index];
    }

    private synchronized Seen seen(long nowMs) {
      long[] sums = new long[BUCKETS];
      long all = 0;
      long oldest = Math.floorDiv(nowMs, SLICE_MS) - SLICES + 1;
      for (int slice = 0; slice < SLICES; slice++) {
        if (minutes[slice] >= oldest) {
          for (int i = 0; i < BUCKETS; i++) {
            sums[i] += counts[slice][i];
            all += counts[slice][i];
          }
        }
      }
      return new Seen(
          all,
          all == 0 ? null : quantile(sums, all, 0.5),
          all == 0 ? null : quantile(sums, all, 0.99),
          newestAcceptedMs);
    }

    private static int bucket(long delayMs) {
      double doublings = Math.log(Math.max(0, delayMs) + 1.0) / Math.log(2);
      return (int) Math.min(BUCKETS - 1, Math.ceil(doublings * PER_DOUBLING));
    }

    private static double quantile(long[] sums, long all, double q) {
      long rank = (long) Math.ceil(q * (double) all);
      long below = 0;
      int bucket = 0;
      while (bucket < BUCKETS - 1 && below + sums[bucket] < rank) {
        below += sums[bucket];
        bucket++;
      }
      return Math.rint(10 * (Math.pow(2, (double) bucket / PER_DOUBLING) - 1)) / 10;
    }
  }

  /** An event of a group has become servable. */
  public void servable(String app, String group, long acceptedMs, long nowMs) {
    groups.computeIfAbsent(new Group(app, group), key -> new Delays()).add(acceptedMs, nowMs);
  }

  /** What was seen of a group; empty before its first event since the start. */
  public Optional<Seen> of(String app, String group, long nowMs) {
    return Optional.ofNullable(groups.get(new Group(app, group))).map(each -> each.seen(nowMs));
  }

  /** Forgets an application that is gone. */
  public void forget(String app) {
    groups.keySet().removeIf(group -> group.app().equals(app));
  }
}
