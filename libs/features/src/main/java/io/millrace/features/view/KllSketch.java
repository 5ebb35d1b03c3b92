// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Arrays;

/**
 * A quantile sketch after Z. Karnin, K. Lang and E. Liberty ("Optimal quantile approximation in
 * streams", FOCS 2016) whose coin is part of its state, so that the same updates and merges in the
 * same order give the same bits everywhere; library sketches flip a process-wide random coin.
 *
 * <p>Levels hold items of weight 2^level; a full level is sorted and every other item, starting at
 * the coin's choice, moves up. Up to {@value #K} values the answer is exact. Beyond, the rank error
 * is about 1.3 % (99 % confidence, k = 200).
 */
final class KllSketch {
  static final int K = 200;
  private static final int MIN_CAPACITY = 8;
  private static final double SHRINK = 2.0 / 3.0;
  private static final int MAX_LEVELS = 60;
  private static final int FORESEEN_LEVELS = 24;

  private double[][] levels = {new double[16]};
  private int[] sizes = {0};
  private long count;
  private double least = Double.NaN;
  private double greatest = Double.NaN;
  private long coin = 0x2545F4914F6CDD1DL;

  void add(double value) {
    append(0, value);
    extend(1, value, value);
    compress();
  }

  void addAll(KllSketch other) {
    if (other.count == 0) {
      return;
    }
    for (int level = 0; level < other.levels.length; level++) {
      while (levels.length <= level) {
        grow();
      }
      for (int i = 0; i < other.sizes[level]; i++) {
        append(level, other.levels[level][i]);
      }
    }
    extend(other.count, other.least, other.greatest);
    compress();
  }

  long count() {
    return count;
  }

  /**
   * The smallest value whose rank is at least {@code q} of the count; the least for 0 and the
   * greatest for 1. NaN if empty.
   */
  double quantile(double q) {
    if (count == 0) {
      return Double.NaN;
    }
    if (q <= 0) {
      return least;
    }
    if (q >= 1) {
      return greatest;
    }
    int total = 0;
    for (int size : sizes) {
      total += size;
    }
    double[] values = new double[total];
    long[] weights = new long[total];
    sortedItems(values, weights);
    double target = q * count;
    long rank = 0;
    for (int i = 0; i < total; i++) {
      rank += weights[i];
      if (rank >= target) {
        return values[i];
      }
    }
    return greatest;
  }

  /** Merges the sorted levels, lowest level first among equals. */
  private void sortedItems(double[] values, long[] weights) {
    int filled = 0;
    for (int level = 0; level < levels.length; level++) {
      double[] sorted = Arrays.copyOf(levels[level], sizes[level]);
      Arrays.sort(sorted);
      long weight = 1L << level;
      int i = filled - 1;
      int j = sorted.length - 1;
      filled += sorted.length;
      for (int at = filled - 1; j >= 0; at--) {
        if (i >= 0 && Double.compare(values[i], sorted[j]) > 0) {
          values[at] = values[i];
          weights[at] = weights[i--];
        } else {
          values[at] = sorted[j--];
          weights[at] = weight;
        }
      }
    }
  }

  private void extend(long more, double low, double high) {
    least = count == 0 ? low : Math.min(least, low);
    greatest = count == 0 ? high : Math.max(greatest, high);
    count += more;
  }

  private void append(int level, double value) {
    if (sizes[level] == levels[level].length) {
      levels[level] = Arrays.copyOf(levels[level], sizes[level] * 2);
    }
    levels[level][sizes[level]++] = value;
  }

  private void grow() {
    levels = Arrays.copyOf(levels, levels.length + 1);
    levels[levels.length - 1] = new double[16];
    sizes = Arrays.copyOf(sizes, sizes.length + 1);
  }

  /** The top level holds K items, each lower one two thirds of the one above. */
  private int capacity(int level) {
    double capacity = K;
    for (int i = levels.length - 1; i > level; i--) {
      capacity *= SHRINK;
    }
    return Math.max(MIN_CAPACITY, (int) Math.ceil(capacity));
  }

  private void compress() {
    for (int level = 0; level < levels.length; level++) {
      if (sizes[level] > capacity(level)) {
        promote(level);
      }
    }
  }

  private void promote(int level) {
    if (level + 1 == levels.length) {
      if (levels.length == MAX_LEVELS) {
        throw new IllegalStateException("more values than 2^" + MAX_LEVELS);
      }
      grow();
    }
    double[] items = levels[level];
    int size = sizes[level];
    Arrays.sort(items, 0, size);
    // An odd item stays behind, so that the total weight is kept exactly.
    int keep = size & 1;
    coin ^= coin << 13;
    coin ^= coin >>> 7;
    coin ^= coin << 17;
    int offset = (int) (coin >>> 63);
    for (int i = keep + offset; i < size; i += 2) {
      append(level + 1, items[i]);
    }
    sizes[level] = keep;
  }

  /**
   * The most bytes that {@link #write} takes: levels of geometric size, together three times the
   * top one and half of it more while that fills, of at least the least capacity each. More than
   * {@value #FORESEEN_LEVELS} levels are those of a billion values.
   */
  static long mostBytes() {
    return Partial.NUMBER_BYTES * (5L + 4 * K + (MIN_CAPACITY + 1L) * FORESEEN_LEVELS);
  }

  void write(ByteWriter out) {
    out.unsigned(count);
    out.number(least);
    out.number(greatest);
    out.fixed(coin);
    out.unsigned(levels.length);
    for (int level = 0; level < levels.length; level++) {
      out.unsigned(sizes[level]);
      for (int i = 0; i < sizes[level]; i++) {
        out.number(levels[level][i]);
      }
    }
  }

  static KllSketch read(ByteReader in) {
    KllSketch sketch = new KllSketch();
    sketch.count = in.unsigned();
    sketch.least = in.number();
    sketch.greatest = in.number();
    sketch.coin = in.fixed();
    int depth = in.count();
    if (depth < 1 || depth > MAX_LEVELS) {
      throw new IllegalArgumentException("corrupt feature state: sketch of " + depth + " levels");
    }
    sketch.levels = new double[depth][];
    sketch.sizes = new int[depth];
    for (int level = 0; level < depth; level++) {
      int size = in.count();
      sketch.sizes[level] = size;
      sketch.levels[level] = new double[Math.max(16, size)];
      for (int i = 0; i < size; i++) {
        sketch.levels[level][i] = in.number();
      }
    }
    return sketch;
  }
}
