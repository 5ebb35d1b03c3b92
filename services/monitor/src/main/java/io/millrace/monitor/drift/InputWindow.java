// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.test.BenjaminiHochberg;
import io.millrace.stats.test.UnitChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tumbling window of served inputs and scores against the reference window that the model was
 * trained on. A column drifts when the chi-squared test of homogeneity over the reference's bins is
 * significant after Benjamini-Hochberg correction over all columns <em>and</em> the population
 * stability index reaches {@value #PSI_LEAST} and {@value #NATURAL_FACTOR} times what stretches of
 * the training rows reach among themselves: significance alone would page on trifles in large
 * windows, effect size alone on noise in small ones, and both together on every evening of a column
 * that follows the time of day. What training has not seen come and go, but the served rows have,
 * is a season too: see {@link Seasons}. Not thread-safe.
 */
public final class InputWindow {
  /** Customary threshold of a major shift (Siddiqi, Credit Risk Scorecards, 2006). */
  public static final double PSI_LEAST = 0.25;

  /** How much further than a stretch of the training rows a window must be from all of them. */
  public static final double NATURAL_FACTOR = 2;

  /**
   * Least rows after a change within a window that its unit is named by: fewer fit some customary
   * conversion by chance.
   */
  static final int UNIT_ROWS_LEAST = 500;

  /** Subject of the score. */
  public static final String SCORE = "prediction";

  private final List<String> names = new ArrayList<>();
  private final List<BinnedColumn> columns = new ArrayList<>();
  private final double[][] numbers;
  private final double[] thresholds;
  private final WindowCourse course = new WindowCourse();
  private final List<Seasons<double[]>> seasons = new ArrayList<>();
  private final int rowsMax;
  private final int partRows;
  private final double falseAlarmLevel;
  private double[][] window;
  private double[][] part;
  private double @Nullable [][] last;
  private int rows;
  private int rowsOfPart;
  private long firstMs;
  private long lastMs;
  private long partFirstMs;
  private long partLastMs;

  public InputWindow(ReferenceProfile reference, int rowsMax, double falseAlarmLevel) {
    this.rowsMax = rowsMax;
    this.partRows = Math.max(1, rowsMax / WindowCourse.PARTS);
    this.falseAlarmLevel = falseAlarmLevel;
    reference.inputs().forEach(this::watch);
    watch(SCORE, reference.score());
    this.numbers = new double[columns.size()][];
    this.thresholds = new double[columns.size()];
    for (int i = 0; i < numbers.length; i++) {
      BinnedColumn column = columns.get(i);
      numbers[i] = column.numeric() && unitKnown(i) ? new double[rowsMax] : new double[0];
      thresholds[i] =
          column.width() == 0
              ? PSI_LEAST
              : Math.max(PSI_LEAST, NATURAL_FACTOR * column.naturalPsi(rowsMax));
    }
    this.window = counters();
    this.part = counters();
    clear();
  }

  private void watch(String name, ReferenceProfile.Column column) {
    names.add(name);
    columns.add(new BinnedColumn(column));
    seasons.add(new Seasons<>(BinnedColumn::noFurther));
  }

  /** Units belong to what producers send; what is computed changes its scale for other reasons. */
  private boolean unitKnown(int column) {
    return names.get(column).startsWith(FeatureScopes.EVENT_PREFIX);
  }

  private double[][] counters() {
    double[][] counters = new double[columns.size()][];
    for (int i = 0; i < counters.length; i++) {
      counters[i] = new double[columns.get(i).width()];
    }
    return counters;
  }

  private void clear() {
    rows = 0;
    firstMs = Long.MAX_VALUE;
    lastMs = Long.MIN_VALUE;
    window = counters();
    clearPart();
  }

  private void clearPart() {
    rowsOfPart = 0;
    partFirstMs = Long.MAX_VALUE;
    partLastMs = Long.MIN_VALUE;
    part = counters();
  }

  /**
   * Takes a served row; when the window is full, gives a finding for every column and empties it.
   */
  public List<DriftFinding> add(Map<String, Object> inputs, double score, long momentMs) {
    for (int i = 0; i < numbers.length; i++) {
      String name = names.get(i);
      Object value = name.equals(SCORE) ? Double.valueOf(score) : inputs.get(name);
      BinnedColumn column = columns.get(i);
      if (column.width() > 0) {
        part[i][column.bin(value)]++;
      }
      if (numbers[i].length > 0) {
        numbers[i][rows] = BinnedColumn.number(value);
      }
    }
    firstMs = Math.min(firstMs, momentMs);
    lastMs = Math.max(lastMs, momentMs);
    partFirstMs = Math.min(partFirstMs, momentMs);
    partLastMs = Math.max(partLastMs, momentMs);
    rows++;
    rowsOfPart++;
    if (rowsOfPart >= partRows || rows >= rowsMax) {
      endPart();
    }
    if (rows < rowsMax) {
      return List.of();
    }
    List<DriftFinding> findings = judge();
    last = window;
    clear();
    return findings;
  }

  private void endPart() {
    course.part(new WindowCourse.Part(partFirstMs, partLastMs, part));
    for (int i = 0; i < window.length; i++) {
      for (int bin = 0; bin < window[i].length; bin++) {
        window[i][bin] += part[i][bin];
      }
    }
    clearPart();
  }

  private List<DriftFinding> judge() {
    BinnedColumn.Distance[] looks = new BinnedColumn.Distance[columns.size()];
    for (int i = 0; i < looks.length; i++) {
      looks[i] = BinnedColumn.Distance.between(columns.get(i).counts(), window[i]);
    }
    double[] adjusted =
        BenjaminiHochberg.adjust(
            Arrays.stream(looks).mapToDouble(BinnedColumn.Distance::pValue).toArray());
    List<DriftFinding> findings = new ArrayList<>();
    for (int i = 0; i < looks.length; i++) {
      findings.add(finding(i, looks[i].psi(), adjusted[i]));
    }
    return findings;
  }

  private DriftFinding finding(int column, double psi, double pValue) {
    boolean far = pValue <= falseAlarmLevel && psi >= thresholds[column];
    String unit = far && numbers[column].length > 0 ? unitChange(column).orElse(null) : null;
    String text = String.format(Locale.ROOT, "PSI %.2f", psi);
    DriftFinding finding =
        new DriftFinding(
            names.get(column),
            names.get(column).equals(SCORE) ? Kind.PREDICTION : Kind.DATA,
            "chi_squared+psi",
            psi,
            thresholds[column],
            pValue,
            unit == null ? text : unit + ", " + text,
            unit != null,
            far,
            firstMs,
            lastMs,
            rows,
            far ? course.onset(column) : null);
    DriftFinding judged =
        seasons.get(column).judge(finding, columns.get(column).counts(), window[column]);
    // No season changes a unit.
    return unit == null ? judged : finding;
  }

  /**
   * Of the whole window, or, where the change began within it, of the rows since then: a mixture of
   * pounds and pence is in no unit at all.
   */
  private Optional<String> unitChange(int column) {
    ReferenceProfile.Column reference = columns.get(column).reference();
    double[] values = numbers[column];
    int since = course.partsSince(column) * partRows;
    return unitChange(reference, values)
        .or(
            () ->
                since >= UNIT_ROWS_LEAST && since < rows
                    ? unitChange(reference, Arrays.copyOfRange(values, rows - since, rows))
                    : Optional.empty());
  }

  /** Only a customary conversion: any shift of scale or level would fit some factor or offset. */
  private static Optional<String> unitChange(ReferenceProfile.Column column, double[] values) {
    ReferenceProfile.Numbers expected = column.numbers();
    double[] present = Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
    if (expected == null || present.length < 100 || expected.quantiles().size() < 2) {
      return Optional.empty();
    }
    double[] quantiles = expected.quantiles().stream().mapToDouble(Double::doubleValue).toArray();
    long count = column.rows() - column.missing();
    return UnitChange.detect(EmpiricalCdf.ofQuantiles(quantiles, count), EmpiricalCdf.of(present))
        .filter(UnitChange::known)
        .map(UnitChange::name);
  }

  /** The shares of the last full window beside those of training; empty before there was one. */
  public Optional<Shares> shares(String subject) {
    int column = names.indexOf(subject);
    double[][] counts = last;
    if (column < 0 || counts == null || columns.get(column).width() == 0) {
      return Optional.empty();
    }
    BinnedColumn binned = columns.get(column);
    return Optional.of(
        new Shares(binned.labels(), shares(binned.counts()), shares(counts[column])));
  }

  private static List<Double> shares(double[] counts) {
    double all = Math.max(1, Arrays.stream(counts).sum());
    return Arrays.stream(counts).mapToObj(each -> (Double) (each / all)).toList();
  }

  /**
   * A column in bins.
   *
   * @param bins what each holds
   * @param training share of the training rows
   * @param window share of the last window
   */
  public record Shares(List<String> bins, List<Double> training, List<Double> window) {}
}
