// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.common.contract.ReferenceProfile;
import io.millrace.stats.test.BenjaminiHochberg;
import io.millrace.stats.test.Normal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whether inputs go together as they did in the version's first window, though each of them alone
 * may look the same. Pearson's correlation of the values' ranks among the training rows, pair by
 * pair; two windows are compared by Fisher's z after Benjamini-Hochberg correction over all pairs.
 * A pair must also have changed by {@value #LEAST_CHANGE} and by {@value #NATURAL_FACTOR} times
 * what the quarters of the first window differ from it, since rows that come together are alike.
 * What comes and goes with the time of day or week is no drift ({@link Seasons}). State: one sum
 * for each pair of at most {@value #MOST_INPUTS} inputs. Not thread-safe.
 *
 * <p>Source: R. A. Fisher, "On the probable error of a coefficient of correlation", 1921.
 */
final class JointDrift {
  /** Subject of its findings. */
  static final String SUBJECT = "joint";

  /** Inputs that are looked at; further ones are not. */
  static final int MOST_INPUTS = 30;

  /** Least change of a correlation. */
  static final double LEAST_CHANGE = 0.25;

  static final double NATURAL_FACTOR = 2;

  private static final int QUARTERS = 4;
  private static final double MOST_CORRELATION = 0.999_999;

  private final List<String> names = new ArrayList<>();
  private final List<BinnedColumn> columns = new ArrayList<>();
  private final double[] ranks;
  private final int rowsMax;
  private final double level;
  private final List<double[]> quarters = new ArrayList<>();
  private final Seasons<double[]> seasons = new Seasons<>(this::noFurther);
  private Sums quarter;
  private Sums window;
  private double[] reference = new double[0];
  private double[] natural = new double[0];
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

  JointDrift(ReferenceProfile profile, int rowsMax, double level) {
    profile
        .inputs()
        .forEach(
            (name, column) -> {
              BinnedColumn binned = new BinnedColumn(column);
              if (columns.size() < MOST_INPUTS && binned.width() > 0) {
                names.add(name);
                columns.add(binned);
              }
            });
    this.ranks = new double[columns.size()];
    this.rowsMax = rowsMax;
    this.level = level;
    this.quarter = new Sums(ranks.length);
    this.window = new Sums(ranks.length);
  }

  /** Sums of ranks and of their products. */
  private static final class Sums {
    private final double[] sums;
    private final double[] squares;
    private final double[] products;
    private int rows;

    private Sums(int inputs) {
      sums = new double[inputs];
      squares = new double[inputs];
      products = new double[inputs * (inputs - 1) / 2];
    }

    private void add(double[] ranks) {
      rows++;
      int pair = 0;
      for (int i = 0; i < ranks.length; i++) {
        sums[i] += ranks[i];
        squares[i] += ranks[i] * ranks[i];
        for (int j = 0; j < i; j++) {
          products[pair++] += ranks[i] * ranks[j];
        }
      }
    }

    private double[] correlations() {
      double[] found = new double[products.length];
      int pair = 0;
      for (int i = 0; i < sums.length; i++) {
        for (int j = 0; j < i; j++) {
          double covariance = products[pair] / rows - sums[i] / rows * (sums[j] / rows);
          double scale = Math.sqrt(variance(i) * variance(j));
          found[pair++] =
              scale > 1e-12
                  ? Math.clamp(covariance / scale, -MOST_CORRELATION, MOST_CORRELATION)
                  : 0;
        }
      }
      return found;
    }

    private double variance(int i) {
      return Math.max(0, squares[i] / rows - sums[i] / rows * (sums[i] / rows));
    }
  }

  /** Takes a served row; a finding when a window is full, but for the first one. */
  List<DriftFinding> add(Map<String, Object> inputs, long momentMs) {
    if (ranks.length < 2) {
      return List.of();
    }
    for (int i = 0; i < ranks.length; i++) {
      BinnedColumn column = columns.get(i);
      ranks[i] = column.rank(column.bin(inputs.get(names.get(i))));
    }
    window.add(ranks);
    firstMs = Math.min(firstMs, momentMs);
    lastMs = Math.max(lastMs, momentMs);
    if (reference.length == 0) {
      quarter.add(ranks);
      if (quarter.rows >= rowsMax / QUARTERS) {
        quarters.add(quarter.correlations());
        quarter = new Sums(ranks.length);
      }
    }
    if (window.rows < rowsMax) {
      return List.of();
    }
    List<DriftFinding> findings = List.of();
    if (reference.length == 0) {
      reference = window.correlations();
      natural = natural();
      quarters.clear();
    } else {
      double[] now = window.correlations();
      findings = List.of(seasons.judge(judge(now), reference, now));
    }
    window = new Sums(ranks.length);
    firstMs = Long.MAX_VALUE;
    lastMs = Long.MIN_VALUE;
    return findings;
  }

  private double[] natural() {
    double[] most = new double[reference.length];
    for (double[] part : quarters) {
      for (int i = 0; i < most.length; i++) {
        most[i] = Math.max(most[i], Math.abs(part[i] - reference[i]));
      }
    }
    return most;
  }

  private DriftFinding judge(double[] now) {
    double[] adjusted = adjusted(reference, now);
    int worst = 0;
    int changed = 0;
    for (int i = 0; i < now.length; i++) {
      boolean worse = Math.abs(now[i] - reference[i]) > Math.abs(now[worst] - reference[worst]);
      if (changed(i, reference, now, adjusted)) {
        worst = changed == 0 || worse ? i : worst;
        changed++;
      } else if (changed == 0 && worse) {
        worst = i;
      }
    }
    String others = changed > 1 ? " and " + (changed - 1) + " more pairs" : "";
    return new DriftFinding(
        SUBJECT,
        Kind.DATA,
        "pairwise_correlation",
        Math.abs(now[worst] - reference[worst]),
        threshold(worst),
        adjusted[worst],
        String.format(
            Locale.ROOT,
            "correlation of %s %.2f → %.2f%s",
            pair(worst),
            reference[worst],
            now[worst],
            others),
        false,
        changed > 0,
        firstMs,
        lastMs,
        window.rows);
  }

  /** By pair, the p-value of a change from one window to another, corrected for all pairs. */
  private double[] adjusted(double[] before, double[] now) {
    double error = Math.sqrt(2.0 / Math.max(1, rowsMax - 3));
    double[] p = new double[now.length];
    for (int i = 0; i < p.length; i++) {
      double z = (atanh(now[i]) - atanh(before[i])) / error;
      p[i] = Math.min(1, 2 * Normal.upperTail(Math.abs(z)));
    }
    return BenjaminiHochberg.adjust(p);
  }

  private boolean changed(int pair, double[] before, double[] now, double[] adjusted) {
    return adjusted[pair] <= level && Math.abs(now[pair] - before[pair]) >= threshold(pair);
  }

  /** No pair has changed since the earlier window but towards the first. */
  private boolean noFurther(double[] first, double[] before, double[] now) {
    double[] adjusted = adjusted(before, now);
    for (int i = 0; i < now.length; i++) {
      boolean outwards = (now[i] - before[i]) * (now[i] - first[i]) > 0;
      if (outwards && changed(i, before, now, adjusted)) {
        return false;
      }
    }
    return true;
  }

  private double threshold(int pair) {
    return Math.max(LEAST_CHANGE, NATURAL_FACTOR * natural[pair]);
  }

  private String pair(int pair) {
    int i = 1;
    int before = 0;
    while (before + i <= pair) {
      before += i;
      i++;
    }
    return names.get(pair - before) + " and " + names.get(i);
  }

  private static double atanh(double r) {
    return 0.5 * Math.log((1 + r) / (1 - r));
  }
}
