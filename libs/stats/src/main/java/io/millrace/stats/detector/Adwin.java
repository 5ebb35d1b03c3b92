// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.util.Arrays;

/**
 * ADWIN, adaptive windowing: keeps the longest window whose two parts, cut anywhere, have means
 * that differ by no more than a bound, and drops its oldest part when they do. Source: Bifet and
 * Gavaldà, "Learning from time-changing data with adaptive windowing", SDM 2007 (ADWIN2, with the
 * variance bound). Cuts are tried every {@value #CLOCK} values, as in MOA and River.
 *
 * <p>Memory is O(log window): {@value #PER_ROW} buckets for each power of two. An update is
 * constant time on average, and every {@value #CLOCK} values goes through all buckets. Not
 * calibrated over an endless stream: δ bounds the false alarms of one check.
 */
public final class Adwin implements DriftDetector {
  static final String NAME = "adwin";

  private static final int PER_ROW = 5;
  private static final int MAX_ROWS = 48;
  private static final int CLOCK = 32;
  private static final int LEAST_WINDOW = 10;
  private static final int LEAST_PART = 5;

  private final double delta;
  private final boolean likeRiver;
  // Row r holds up to PER_ROW (+1 while compressing) buckets of 2^r values, the oldest first.
  private final double[][] totals = new double[MAX_ROWS][];
  private final double[][] squares = new double[MAX_ROWS][];
  private final int[] sizes = new int[MAX_ROWS];
  private int rows;
  private long clock;
  private double width;
  private double total;
  private double square;
  private DetectorState state;

  /** δ = 0.002. */
  public Adwin() {
    this(0.002);
  }

  /** With another confidence, within (0, 1). */
  public Adwin(double delta) {
    this(delta, false);
  }

  private Adwin(double delta, boolean likeRiver) {
    if (!(delta > 0 && delta < 1)) {
      throw new IllegalArgumentException("delta must lie within (0, 1), was " + delta);
    }
    this.delta = delta;
    this.likeRiver = likeRiver;
    reset();
  }

  /**
   * The variant that River runs, for comparison: the newest bucket of each row always counts with
   * the new part of a cut, so some cuts are not tried and drift is found a little later.
   */
  public static Adwin likeRiver(double delta) {
    return new Adwin(delta, true);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** Number of values in the window. */
  public long width() {
    return (long) width;
  }

  /** Mean of the window; NaN when empty. */
  public double mean() {
    return total / width;
  }

  @Override
  public DetectorState update(double value) {
    DriftDetector.requireSummable(value);
    if (likeRiver && state == DetectorState.DRIFT) {
      reset();
    }
    if (width > 0) {
      double miss = value - total / width;
      square += width * miss * miss / (width + 1);
    }
    width++;
    total += value;
    push(0, value, 0);
    compress();
    clock++;
    state =
        clock % CLOCK == 0 && width > LEAST_WINDOW && shrink()
            ? DetectorState.DRIFT
            : DetectorState.STABLE;
    return state;
  }

  private void push(int row, double sum, double deviation) {
    if (totals[row] == null) {
      totals[row] = new double[PER_ROW + 1];
      squares[row] = new double[PER_ROW + 1];
    }
    totals[row][sizes[row]] = sum;
    squares[row][sizes[row]++] = deviation;
    rows = Math.max(rows, row + 1);
  }

  private void compress() {
    for (int row = 0; row < rows && sizes[row] > PER_ROW && row + 1 < MAX_ROWS; row++) {
      double[] sums = totals[row];
      double[] deviations = squares[row];
      double size = 1L << row;
      double gap = (sums[0] - sums[1]) / size;
      double joined = deviations[0] + deviations[1] + size * gap * gap / 2;
      push(row + 1, sums[0] + sums[1], joined);
      remove(row, 2);
    }
  }

  private void remove(int row, int buckets) {
    System.arraycopy(totals[row], buckets, totals[row], 0, sizes[row] - buckets);
    System.arraycopy(squares[row], buckets, squares[row], 0, sizes[row] - buckets);
    sizes[row] -= buckets;
    while (rows > 0 && sizes[rows - 1] == 0) {
      rows--;
    }
  }

  private boolean shrink() {
    boolean changed = false;
    while (rows > 0 && cutFound()) {
      changed = true;
      dropOldest();
    }
    return changed;
  }

  private boolean cutFound() {
    double variance = square / width;
    double log = Math.log(2 * Math.log(width) / delta);
    double old = 0;
    double oldTotal = 0;
    for (int row = rows - 1; row >= 0; row--) {
      double size = 1L << row;
      for (int i = 0; i < sizes[row] - (likeRiver ? 1 : 0); i++) {
        old += size;
        oldTotal += totals[row][i];
        double fresh = width - old;
        if (fresh < LEAST_PART) {
          return false;
        }
        if (old >= LEAST_PART) {
          double gap = Math.abs(oldTotal / old - (total - oldTotal) / fresh);
          double inverse = 1 / (old - LEAST_PART + 1) + 1 / (fresh - LEAST_PART + 1);
          double bound = Math.sqrt(2 * inverse * variance * log) + 2.0 / 3 * log * inverse;
          if (gap > bound) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private void dropOldest() {
    int row = rows - 1;
    double size = 1L << row;
    double sum = totals[row][0];
    double deviation = squares[row][0];
    width -= size;
    total -= sum;
    double gap = sum / size - total / width;
    square = Math.max(0, square - deviation - size * width * gap * gap / (size + width));
    remove(row, 1);
  }

  @Override
  public DetectorState state() {
    return state;
  }

  @Override
  public void reset() {
    Arrays.fill(sizes, 0);
    rows = 0;
    clock = 0;
    width = 0;
    total = 0;
    square = 0;
    state = DetectorState.STABLE;
  }

  @Override
  public DetectorSnapshot snapshot() {
    int buckets = Arrays.stream(sizes).sum();
    double[] numbers = new double[6 + rows + 2 * buckets];
    int at = 0;
    numbers[at++] = clock;
    numbers[at++] = width;
    numbers[at++] = total;
    numbers[at++] = square;
    numbers[at++] = state.ordinal();
    numbers[at++] = rows;
    for (int row = 0; row < rows; row++) {
      numbers[at++] = sizes[row];
      for (int i = 0; i < sizes[row]; i++) {
        numbers[at++] = totals[row][i];
        numbers[at++] = squares[row][i];
      }
    }
    return new DetectorSnapshot(NAME, new double[] {delta, likeRiver ? 1 : 0}, numbers);
  }

  static Adwin restore(double[] parameters, double[] numbers) {
    Adwin detector = new Adwin(parameters[0], parameters[1] == 1);
    detector.clock = (long) numbers[0];
    detector.width = numbers[1];
    detector.total = numbers[2];
    detector.square = numbers[3];
    detector.state = DetectorState.values()[(int) numbers[4]];
    int rows = (int) numbers[5];
    int at = 6;
    for (int row = 0; row < rows; row++) {
      int size = (int) numbers[at++];
      for (int i = 0; i < size; i++) {
        detector.push(row, numbers[at], numbers[at + 1]);
        at += 2;
      }
    }
    detector.rows = rows;
    return detector;
  }
}
