// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.stats.test.BenjaminiHochberg;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Inputs and scores within each slice, against the first rows of the same slice: a change in a few
 * per cent of the traffic moves no distribution of all rows. What the rows outside the slice moved
 * by in the same time is not the slice's, so it must have moved by far more: the hour of the day
 * and whatever accumulates change everywhere. A slice is judged whenever it has so many rows, by
 * the tests of {@link InputWindow} with a level divided by the number of slices, and has drifted
 * where two windows running say so, out of season ({@link Seasons}); a slice of fewer rows says
 * nothing. At most {@value #MOST_SLICES} slices are watched. Not thread-safe.
 */
final class SliceWindows {
  /** Slices that are watched; later ones are not. */
  static final int MOST_SLICES = 50;

  /** Least rows of a slice that are judged. */
  static final int LEAST_ROWS = 200;

  /** A slice has moved by itself if by more than so many times what the others moved by. */
  private static final double OUTSIDE_FACTOR = 2;

  /** Fewer say nothing about what changes everywhere; few only make a slice harder to tell. */
  private static final int LEAST_ROWS_OUTSIDE = 50;

  private final List<String> sliceColumns;
  private final List<String> names = new ArrayList<>();
  private final List<BinnedColumn> columns = new ArrayList<>();
  private final double[] thresholds;
  private final int[] bins;
  private final int rowsMax;
  private final double level;
  private final Map<String, Slice> slices = new LinkedHashMap<>();

  /** Of all rows so far. */
  private final double[][] all;

  private static final class Slice {
    private double[][] reference = new double[0][];

    /** Of the rows outside the slice while the reference was counted. */
    private double[][] othersReference = new double[0][];

    private double[][] window;

    /** Of all rows before the window began. */
    private double[][] allBefore;

    /** By column: whether it exceeded its threshold out of season in the window before. */
    private final boolean[] exceeded;

    private final List<Seasons<double[]>> seasons = new ArrayList<>();

    private int rows;
    private long firstMs = Long.MAX_VALUE;
    private long lastMs = Long.MIN_VALUE;

    private Slice(double[][] window, double[][] allBefore) {
      this.exceeded = new boolean[window.length];
      for (int i = 0; i < window.length; i++) {
        seasons.add(new Seasons<>(BinnedColumn::noFurther));
      }
      this.window = window;
      this.allBefore = allBefore;
    }

    /** Counts of the rows outside the slice since the window began. */
    private double[][] others(double[][] all) {
      double[][] others = copy(all);
      for (int i = 0; i < others.length; i++) {
        for (int bin = 0; bin < others[i].length; bin++) {
          others[i][bin] -= allBefore[i][bin] + window[i][bin];
        }
      }
      return others;
    }
  }

  /**
   * @param slices columns whose values are watched apart; a bare name is a field of the deciding
   *     event
   * @param windowRows rows of a window of all rows; a slice is judged by an eighth of them
   */
  SliceWindows(ReferenceProfile profile, List<String> slices, int windowRows, double level) {
    this.sliceColumns = slices.stream().map(FeatureScopes::inputOf).toList();
    this.rowsMax = Math.max(LEAST_ROWS, windowRows / 8);
    this.level = level;
    profile.inputs().forEach(this::watch);
    watch(InputWindow.SCORE, profile.score());
    this.thresholds = new double[columns.size()];
    for (int i = 0; i < thresholds.length; i++) {
      thresholds[i] =
          Math.max(
              InputWindow.PSI_LEAST,
              InputWindow.NATURAL_FACTOR * columns.get(i).naturalPsi(rowsMax));
    }
    this.bins = new int[columns.size()];
    this.all = counters();
  }

  private void watch(String name, ReferenceProfile.Column column) {
    BinnedColumn binned = new BinnedColumn(column);
    if (binned.width() > 0) {
      names.add(name);
      columns.add(binned);
    }
  }

  /** Takes a served row; findings when a slice has enough rows. */
  List<DriftFinding> add(Map<String, Object> inputs, double score, long momentMs) {
    if (sliceColumns.isEmpty()) {
      return List.of();
    }
    for (int i = 0; i < bins.length; i++) {
      String name = names.get(i);
      bins[i] =
          columns
              .get(i)
              .bin(name.equals(InputWindow.SCORE) ? Double.valueOf(score) : inputs.get(name));
    }
    for (int i = 0; i < bins.length; i++) {
      all[i][bins[i]]++;
    }
    List<DriftFinding> findings = new ArrayList<>();
    for (String column : sliceColumns) {
      Object value = inputs.get(column);
      if (value != null) {
        add(column, column + "=" + value, momentMs, findings);
      }
    }
    return findings;
  }

  private void add(String column, String name, long momentMs, List<DriftFinding> findings) {
    Slice slice = slices.get(name);
    if (slice == null) {
      if (slices.size() >= MOST_SLICES) {
        return;
      }
      slice = new Slice(counters(), copy(all));
      for (int i = 0; i < bins.length; i++) {
        slice.allBefore[i][bins[i]]--;
      }
      slices.put(name, slice);
    }
    for (int i = 0; i < bins.length; i++) {
      slice.window[i][bins[i]]++;
    }
    slice.rows++;
    slice.firstMs = Math.min(slice.firstMs, momentMs);
    slice.lastMs = Math.max(slice.lastMs, momentMs);
    if (slice.rows < rowsMax) {
      return;
    }
    double[][] others = slice.others(all);
    if (slice.reference.length == 0) {
      slice.reference = slice.window;
      slice.othersReference = others;
    } else {
      judge(column, name, slice, others, findings);
    }
    slice.window = counters();
    slice.allBefore = copy(all);
    slice.rows = 0;
    slice.firstMs = Long.MAX_VALUE;
    slice.lastMs = Long.MIN_VALUE;
  }

  private double[][] counters() {
    double[][] counters = new double[columns.size()][];
    for (int i = 0; i < counters.length; i++) {
      counters[i] = new double[columns.get(i).width()];
    }
    return counters;
  }

  private static double[][] copy(double[][] counters) {
    return Arrays.stream(counters).map(double[]::clone).toArray(double[][]::new);
  }

  /** By how much the rows outside a slice moved; 0 where there are too few of them to say. */
  private static double psiOutside(double[] reference, double[] window) {
    boolean enough =
        Math.min(Arrays.stream(reference).sum(), Arrays.stream(window).sum()) >= LEAST_ROWS_OUTSIDE;
    return enough ? BinnedColumn.Distance.between(reference, window).psi() : 0;
  }

  private void judge(
      String sliceColumn,
      String name,
      Slice slice,
      double[][] others,
      List<DriftFinding> findings) {
    BinnedColumn.Distance[] looks = new BinnedColumn.Distance[columns.size()];
    for (int i = 0; i < looks.length; i++) {
      looks[i] = BinnedColumn.Distance.between(slice.reference[i], slice.window[i]);
    }
    double[] adjusted =
        BenjaminiHochberg.adjust(
            Arrays.stream(looks).mapToDouble(BinnedColumn.Distance::pValue).toArray());
    for (int i = 0; i < looks.length; i++) {
      if (names.get(i).equals(sliceColumn)) {
        continue;
      }
      // Few rows in many bins differ by chance; what they differ by then is not the slice's.
      double noise = 2.0 * (columns.get(i).width() - 1) / rowsMax;
      double threshold = thresholds[i] + noise;
      double outside = psiOutside(slice.othersReference[i], others[i]);
      boolean exceeds =
          adjusted[i] <= level / slices.size()
              && looks[i].psi() >= threshold + OUTSIDE_FACTOR * outside;
      DriftFinding finding =
          new DriftFinding(
              names.get(i) + " [" + name + "]",
              names.get(i).equals(InputWindow.SCORE) ? Kind.PREDICTION : Kind.DATA,
              "chi_squared+psi",
              looks[i].psi(),
              threshold,
              adjusted[i],
              String.format(
                  Locale.ROOT, "PSI %.2f within the slice, %.2f outside", looks[i].psi(), outside),
              false,
              exceeds,
              slice.firstMs,
              slice.lastMs,
              slice.rows);
      DriftFinding judged =
          slice.seasons.get(i).judge(finding, slice.reference[i], slice.window[i]);
      // The window in which everything changes holds more of it in the slice or outside by chance.
      findings.add(slice.exceeded[i] ? judged : judged.quiet());
      slice.exceeded[i] = judged.drifted();
    }
  }
}
