// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Classifier two-sample test: a classifier that was taught to tell the windows apart on one half of
 * the rows is tried on the other half. If it does better than chance, the windows differ, whatever
 * in: one column, a correlation, a missing value. Source: Lopez-Paz and Oquab, "Revisiting
 * classifier two-sample tests", ICLR 2017, with extremely randomised trees and, in place of the
 * accuracy, the area under the receiver operating characteristic, whose p-value (Mann-Whitney's, of
 * the held-out scores) holds whatever the classifier learned.
 *
 * <p>The columns that separate are named: importance is what the area loses when a column of the
 * held-out rows is shuffled ("spot the difference"). Deterministic for a seed. Takes O(n log n) per
 * column; each side is limited to {@value #MAX_ROWS} rows, so draw a sample of larger windows.
 */
public final class ClassifierTwoSample {
  /** Most rows of a side. */
  public static final int MAX_ROWS = 20_000;

  /** Least rows of a side: fewer cannot be split into two halves worth the name. */
  public static final int LEAST_ROWS = 30;

  private ClassifierTwoSample() {}

  /**
   * What was found.
   *
   * @param separability area under the curve on the held-out rows: 0.5 for equal windows, 1 for
   *     windows that any row gives away
   * @param pValue of a separability at least this far above one half when nothing changed
   * @param importance by column: the separability lost without it; about 0 where it says nothing
   * @param heldOut rows that the answer rests on
   */
  public record Outcome(double separability, double pValue, double[] importance, long heldOut) {
    /** Copies. */
    public Outcome {
      importance = importance.clone();
    }

    @Override
    public double[] importance() {
      return importance.clone();
    }
  }

  /**
   * Compares rows; NaN is a missing value, infinities are numbers like others.
   *
   * @param reference rows of equal length, {@value #LEAST_ROWS} to {@value #MAX_ROWS}
   * @param current rows of the same length, {@value #LEAST_ROWS} to {@value #MAX_ROWS}
   * @param seed of the split and of the trees
   * @throws IllegalArgumentException if sizes differ or lie outside the limits
   */
  public static Outcome test(double[][] reference, double[][] current, long seed) {
    check(reference, current);
    SplittableRandom random = new SplittableRandom(seed);
    double[][] before = shuffled(reference, random);
    double[][] now = shuffled(current, random);
    int taughtBefore = before.length / 2;
    int taughtNow = now.length / 2;
    double[][] taught = new double[taughtBefore + taughtNow][];
    boolean[] labels = new boolean[taught.length];
    for (int i = 0; i < taught.length; i++) {
      labels[i] = i >= taughtBefore;
      taught[i] = labels[i] ? now[i - taughtBefore] : before[i];
    }
    SeparatingForest forest = SeparatingForest.train(taught, labels, random);
    double[][] heldBefore = Arrays.copyOfRange(before, taughtBefore, before.length);
    double[][] heldNow = Arrays.copyOfRange(now, taughtNow, now.length);
    TestOutcome ranks =
        MannWhitney.test(scores(forest, heldBefore, -1, null), scores(forest, heldNow, -1, null));
    double area = area(ranks, heldBefore.length, heldNow.length);
    double pValue = area > 0.5 ? ranks.pValue() / 2 : 1 - ranks.pValue() / 2;
    double[] importance = new double[reference[0].length];
    for (int c = 0; c < importance.length; c++) {
      double[][] mixed = permuted(heldBefore, heldNow, c, random);
      TestOutcome without =
          MannWhitney.test(
              scores(forest, heldBefore, c, mixed[0]), scores(forest, heldNow, c, mixed[1]));
      importance[c] = area - area(without, heldBefore.length, heldNow.length);
    }
    return new Outcome(area, pValue, importance, (long) heldBefore.length + heldNow.length);
  }

  private static void check(double[][] reference, double[][] current) {
    int least = Math.min(reference.length, current.length);
    int most = Math.max(reference.length, current.length);
    if (least < LEAST_ROWS || most > MAX_ROWS) {
      throw new IllegalArgumentException(
          "need %d to %d rows a side, have %d and %d"
              .formatted(LEAST_ROWS, MAX_ROWS, reference.length, current.length));
    }
    int width = reference[0].length;
    for (double[][] side : new double[][][] {reference, current}) {
      for (double[] row : side) {
        if (row.length != width || width == 0) {
          throw new IllegalArgumentException(
              "rows need the same one or more columns, have %d and %d"
                  .formatted(width, row.length));
        }
      }
    }
  }

  private static double[][] shuffled(double[][] rows, SplittableRandom random) {
    double[][] order = rows.clone();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      double[] moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }

  /** Scores with a column's values replaced where one is named. */
  private static double[] scores(
      SeparatingForest forest, double[][] rows, int column, double @Nullable [] values) {
    double[] scores = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      double[] row = rows[i];
      if (values != null) {
        row = row.clone();
        row[column] = values[i];
      }
      scores[i] = forest.score(row);
    }
    return scores;
  }

  /** The values of one column of both sides, dealt out anew. */
  private static double[][] permuted(
      double[][] before, double[][] now, int column, SplittableRandom random) {
    double[] all = new double[before.length + now.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = i < before.length ? before[i][column] : now[i - before.length][column];
    }
    for (int i = all.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      double moved = all[i];
      all[i] = all[j];
      all[j] = moved;
    }
    return new double[][] {
      Arrays.copyOf(all, before.length), Arrays.copyOfRange(all, before.length, all.length)
    };
  }

  /** U counts the pairs that the reference wins. */
  private static double area(TestOutcome ranks, double n, double m) {
    return 1 - ranks.statistic() / (n * m);
  }
}
