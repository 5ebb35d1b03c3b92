// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import java.util.Map;
import java.util.SplittableRandom;

/**
 * Outcomes of a model that is wrong on one in ten easy rows and on every other hard one. Its error
 * rate is set by the share of hard rows, so it is known, and every kind of detector has something
 * to see where it changes: errors, the rates of both classes, scores near a half, and the input.
 * Outcomes are independent of each other; while the rate stays, nothing changes at all. Not
 * thread-safe.
 */
final class HardRows {
  private static final double EASY = 0.1;
  private static final double HARD = 0.5;

  private final SplittableRandom random;

  HardRows(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * The next outcome.
   *
   * @param errorRate of the model, within [0.1, 0.5]
   */
  Outcome next(double errorRate) {
    boolean hard = random.nextDouble() < (errorRate - EASY) / (HARD - EASY);
    boolean predicted = random.nextBoolean();
    // A hard row's score lies within 0.4 and 0.6, an easy one's within 0.1 of its class.
    double sure = hard ? 0.5 + 0.1 * random.nextDouble() : 0.85 + 0.1 * random.nextDouble();
    boolean wrong = random.nextDouble() < (hard ? HARD : 1 - sure);
    double score = predicted ? sure : 1 - sure;
    return new Outcome(score, predicted != wrong, Map.of("x", Math.log(score / (1 - score))));
  }
}
