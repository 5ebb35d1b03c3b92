// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats;

import java.util.SplittableRandom;

/** Repeats a law over seeded draws; a failure names its seed, which alone repeats it. */
public final class Seeds {
  private Seeds() {}

  /** One trial of a law. */
  @FunctionalInterface
  public interface Law {
    void holds(long seed, SplittableRandom random);
  }

  /** Tries seeds 0, 1, 2, … */
  public static void each(int tries, Law law) {
    for (long seed = 0; seed < tries; seed++) {
      try {
        law.holds(seed, new SplittableRandom(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  /** A size of at most {@code most}: the ends first, then any. */
  public static int size(long seed, SplittableRandom random, int least, int most) {
    return seed == 0
        ? least
        : seed == 1
            ? most
            : seed == 2 ? Math.min(most, least + 1) : random.nextInt(least, most + 1);
  }
}
