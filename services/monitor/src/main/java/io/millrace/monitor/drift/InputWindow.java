// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.stats.distance.Divergence;
import io.millrace.stats.profile.EmpiricalCdf;
import io.millrace.stats.test.BenjaminiHochberg;
import io.millrace.stats.test.ChiSquared;
import io.millrace.stats.test.UnitChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
 * that follows the time of day. Not thread-safe.
 */
public final class InputWindow {
  /** Customary threshold of a major shift (Siddiqi, Credit Risk Scorecards, 2006). */
  public static final double PSI_LEAST = 0.25;

  /** How much further than a stretch of the training rows a window must be from all of them. */
  public static final double NATURAL_FACTOR = 2;

  private static final String SCORE = "prediction";
  private static final String REQUEST_PREFIX = "event.";

  private final ReferenceColumn.Profile reference;
  private final int rowsMax;
  private final double falseAlarmLevel;
  private final Map<String, double[]> numbers = new LinkedHashMap<>();
  private final Map<String, Map<String, Long>> categories = new LinkedHashMap<>();
  private int rows;
  private long firstMs;
  private long lastMs;

  public InputWindow(ReferenceColumn.Profile reference, int rowsMax, double falseAlarmLevel) {
    this.reference = reference;
    this.rowsMax = rowsMax;
    this.falseAlarmLevel = falseAlarmLevel;
    clear();
  }

  private void clear() {
    rows = 0;
    firstMs = Long.MAX_VALUE;
    lastMs = Long.MIN_VALUE;
    numbers.clear();
    categories.clear();
    reference.inputs().forEach(this::clear);
    clear(SCORE, reference.score());
  }

  private void clear(String name, ReferenceColumn column) {
    if (column.numbers() != null) {
      numbers.put(name, new double[rowsMax]);
    } else {
      categories.put(name, new HashMap<>());
    }
  }

  /**
   * Takes a served row; when the window is full, gives a finding for every column and empties it.
   */
  public List<DriftFinding> add(Map<String, Object> inputs, double score, long momentMs) {
    for (Map.Entry<String, double[]> column : numbers.entrySet()) {
      Object value =
          column.getKey().equals(SCORE) ? Double.valueOf(score) : inputs.get(column.getKey());
      column.getValue()[rows] = number(value);
    }
    for (Map.Entry<String, Map<String, Long>> column : categories.entrySet()) {
      Object value = inputs.get(column.getKey());
      if (value != null) {
        column.getValue().merge(value.toString(), 1L, Long::sum);
      }
    }
    firstMs = Math.min(firstMs, momentMs);
    lastMs = Math.max(lastMs, momentMs);
    rows++;
    if (rows < rowsMax) {
      return List.of();
    }
    List<DriftFinding> findings = judge();
    clear();
    return findings;
  }

  private static double number(@Nullable Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case Boolean flag -> flag ? 1 : 0;
      case null, default -> Double.NaN;
    };
  }

  private record Look(
      String name, double pValue, double psi, double threshold, @Nullable String unit) {}

  private List<DriftFinding> judge() {
    List<Look> looks = new ArrayList<>();
    reference.inputs().forEach((name, column) -> looks.add(look(name, column)));
    looks.add(look(SCORE, reference.score()));
    double[] adjusted =
        BenjaminiHochberg.adjust(looks.stream().mapToDouble(Look::pValue).toArray());
    List<DriftFinding> findings = new ArrayList<>();
    for (int i = 0; i < adjusted.length; i++) {
      Look look = looks.get(i);
      boolean drifted = adjusted[i] <= falseAlarmLevel && look.psi() >= look.threshold();
      String psi = String.format(Locale.ROOT, "PSI %.2f", look.psi());
      findings.add(
          new DriftFinding(
              look.name(),
              look.name().equals(SCORE) ? Kind.PREDICTION : Kind.DATA,
              "chi_squared+psi",
              look.psi(),
              look.threshold(),
              adjusted[i],
              look.unit() == null ? psi : look.unit() + ", " + psi,
              drifted && look.unit() != null,
              drifted,
              firstMs,
              lastMs,
              rows));
    }
    return findings;
  }

  private Look look(String name, ReferenceColumn column) {
    double[] before = column.counts();
    if (Arrays.stream(before).sum() == 0) {
      return new Look(name, 1, 0, PSI_LEAST, null);
    }
    ReferenceColumn.Numbers expected = column.numbers();
    double[] now;
    String unit = null;
    if (expected != null) {
      double[] values = numbers.getOrDefault(name, new double[0]);
      now = binned(values, expected.edges());
      // Units belong to what producers send; what is computed changes its scale for other reasons.
      if (name.startsWith(REQUEST_PREFIX)) {
        unit = unitChange(expected, column.rows() - column.missing(), values).orElse(null);
      }
    } else {
      now = counted(categories.getOrDefault(name, Map.of()), column.categories(), before.length);
    }
    double psi = Divergence.POPULATION_STABILITY_INDEX.between(before, now);
    double threshold = Math.max(PSI_LEAST, NATURAL_FACTOR * column.naturalPsi(rows));
    double[][] pooled = ChiSquared.pooled(before, now);
    return pooled[0].length < 2
        ? new Look(name, 1, 0, threshold, null)
        : new Look(name, ChiSquared.twoSample(pooled[0], pooled[1]).pValue(), psi, threshold, unit);
  }

  private double[] counted(
      Map<String, Long> seen, ReferenceColumn.@Nullable Categories known, int width) {
    double[] counts = new double[width];
    long others = seen.values().stream().mapToLong(Long::longValue).sum();
    counts[width - 1] = rows - others;
    int i = 0;
    if (known != null) {
      for (String category : known.counts().keySet()) {
        counts[i] = seen.getOrDefault(category, 0L);
        others -= (long) counts[i];
        i++;
      }
    }
    counts[width - 2] = others;
    return counts;
  }

  private static double[] binned(double[] values, List<Double> edges) {
    double[] counts = new double[edges.size() + 2];
    for (double value : values) {
      if (Double.isNaN(value)) {
        counts[edges.size() + 1]++;
        continue;
      }
      int bin = 0;
      while (bin < edges.size() && value > edges.get(bin)) {
        bin++;
      }
      counts[bin]++;
    }
    return counts;
  }

  /** Only a customary conversion: any shift of scale or level would fit some factor or offset. */
  private static Optional<String> unitChange(
      ReferenceColumn.Numbers expected, long count, double[] values) {
    double[] present = Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
    if (present.length < 100 || expected.quantiles().size() < 2) {
      return Optional.empty();
    }
    double[] quantiles = expected.quantiles().stream().mapToDouble(Double::doubleValue).toArray();
    return UnitChange.detect(EmpiricalCdf.ofQuantiles(quantiles, count), EmpiricalCdf.of(present))
        .filter(UnitChange::known)
        .map(UnitChange::name);
  }
}
