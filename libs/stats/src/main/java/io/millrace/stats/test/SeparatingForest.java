// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Extremely randomised trees that tell rows of two classes apart, for {@link ClassifierTwoSample}.
 * Each node draws one cut for each of √width columns (at least 2) from its own rows and keeps the
 * purest. NaN goes left of every cut. Source: Geurts, Ernst and Wehenkel, "Extremely randomized
 * trees", Machine Learning 2006.
 */
final class SeparatingForest {
  private static final int TREES = 64;
  private static final int MAX_DEPTH = 12;
  private static final int LEAST_LEAF = 5;

  private record Node(
      int column, double cut, @Nullable Node low, @Nullable Node high, double share) {}

  private final Node[] trees = new Node[TREES];
  private final double[][] rows;
  private final boolean[] current;
  private final SplittableRandom random;
  private final int tried;

  private SeparatingForest(double[][] rows, boolean[] current, SplittableRandom random) {
    this.rows = rows;
    this.current = current;
    this.random = random;
    int width = rows[0].length;
    this.tried = Math.min(width, Math.max(2, (int) Math.round(Math.sqrt(width))));
  }

  static SeparatingForest train(double[][] rows, boolean[] current, SplittableRandom random) {
    SeparatingForest forest = new SeparatingForest(rows, current, random);
    for (int t = 0; t < TREES; t++) {
      int[] all = new int[rows.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = i;
      }
      forest.trees[t] = forest.grow(all, 0, all.length, 0);
    }
    return forest;
  }

  /** Share of the current class where the row falls, averaged over the trees. */
  double score(double[] row) {
    double sum = 0;
    for (Node tree : trees) {
      Node node = tree;
      while (node.low != null && node.high != null) {
        node = row[node.column] >= node.cut ? node.high : node.low;
      }
      sum += node.share;
    }
    return sum / trees.length;
  }

  private Node grow(int[] members, int from, int to, int depth) {
    int size = to - from;
    int positives = 0;
    for (int i = from; i < to; i++) {
      positives += current[members[i]] ? 1 : 0;
    }
    // One row of each class more, so that a small pure leaf does not outvote a large one.
    Node leaf = new Node(-1, 0, null, null, (positives + 1.0) / (size + 2.0));
    if (depth == MAX_DEPTH || size < 2 * LEAST_LEAF || positives == 0 || positives == size) {
      return leaf;
    }
    int bestColumn = -1;
    double bestCut = 0;
    double bestPurity = Double.NEGATIVE_INFINITY;
    for (int t = 0; t < tried; t++) {
      int column = random.nextInt(rows[0].length);
      double a = rows[members[from + random.nextInt(size)]][column];
      double b = rows[members[from + random.nextInt(size)]][column];
      double cut = Double.isNaN(a) ? b : Double.isNaN(b) ? a : a + (b - a) * random.nextDouble();
      double purity = purity(members, from, to, column, cut, positives);
      if (purity > bestPurity) {
        bestPurity = purity;
        bestColumn = column;
        bestCut = cut;
      }
    }
    if (bestColumn < 0) {
      return leaf;
    }
    int middle = from;
    for (int i = from; i < to; i++) {
      if (!(rows[members[i]][bestColumn] >= bestCut)) {
        int moved = members[middle];
        members[middle++] = members[i];
        members[i] = moved;
      }
    }
    return new Node(
        bestColumn,
        bestCut,
        grow(members, from, middle, depth + 1),
        grow(members, middle, to, depth + 1),
        leaf.share);
  }

  /** Gini purity of both sides; −∞ where one of them is too small. */
  private double purity(int[] members, int from, int to, int column, double cut, int positives) {
    int high = 0;
    int highPositives = 0;
    for (int i = from; i < to; i++) {
      if (rows[members[i]][column] >= cut) {
        high++;
        highPositives += current[members[i]] ? 1 : 0;
      }
    }
    int low = to - from - high;
    if (low < LEAST_LEAF || high < LEAST_LEAF) {
      return Double.NEGATIVE_INFINITY;
    }
    double lowPositives = (double) positives - highPositives;
    double lowRest = low - lowPositives;
    double highRest = (double) high - highPositives;
    return (lowPositives * lowPositives + lowRest * lowRest) / low
        + ((double) highPositives * highPositives + highRest * highRest) / high;
  }
}
