// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import static io.millrace.validator.model.Metrics.number;

import io.millrace.datasets.Column;
import io.millrace.stats.metric.Auc;
import io.millrace.validator.model.Evaluation.Check;
import io.millrace.validator.model.Evaluation.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How well each input alone, or merely its being there, tells the label of the held-out rows: an
 * input that tells it almost perfectly was perhaps not known at the moment. Where the label is of
 * two classes, by the area under the curve of the input as a score.
 *
 * <p>Where the label is a number, by the share of the variance of its ranks that the mean ranks of
 * the training rows with like values explain (the correlation ratio, on rows that did not make the
 * means). Ranks, since a single huge label would decide over plain squares; means of bins, since a
 * leak may be of any form and need not rise with the label. Of a monotone relation without noise it
 * is 1 − 1/{@value #BINS}².
 */
final class InputPower {
  /**
   * Lower end of the 99 % interval of an input's area, or share of variance, from which it is
   * suspicious.
   */
  static final double SUSPICIOUS = 0.95;

  /** Bins of equally many training rows that a numeric input is cut into, at most. */
  static final int BINS = 64;

  /** Held-out rows of a numeric label from which anything is said. */
  static final int LEAST_ROWS = 50;

  private static final double CONFIDENCE = 0.99;
  private static final double CONFIDENCE_DEVIATIONS = 2.5758293035489004;
  private static final int LEAST_CLASS = 20;
  private static final int LEAST_BIN = 20;
  private static final int NAMED = 3;

  /** Rows' worth of the base rate that a rare category's mean is drawn towards. */
  private static final double SHRINKAGE = 10;

  private final List<LabelledRow> train;
  private final List<LabelledRow> held;
  private final List<String> inputs;

  /**
   * @param train rows that a model learns from, at least one
   * @param held rows that it is measured on, at least one
   * @param inputs the columns that it reads
   */
  InputPower(List<LabelledRow> train, List<LabelledRow> held, List<String> inputs) {
    this.train = LabelledRow.thinned(train);
    this.held = LabelledRow.thinned(held);
    this.inputs = inputs;
  }

  /**
   * The power of one input.
   *
   * @param low lower end of its interval
   */
  private record Power(String input, double value, double low) {}

  /** The check where every label is 0 or 1. */
  Check binary(Map<String, Double> figures) {
    boolean[] labels = new boolean[held.size()];
    int positives = 0;
    for (int i = 0; i < labels.length; i++) {
      labels[i] = held.get(i).label() == 1;
      positives += labels[i] ? 1 : 0;
    }
    if (Math.min(positives, labels.length - positives) < LEAST_CLASS) {
      return inconclusive("too few held-out rows of one class");
    }
    List<Power> found = new ArrayList<>();
    groupColumns().forEach(group -> found.add(area(group, scores(group), labels)));
    for (String input : inputs) {
      found.add(area(input, scores(input), labels));
      double[] presence = new double[labels.length];
      for (int i = 0; i < presence.length; i++) {
        presence[i] = held.get(i).value(input) == null ? 0 : 1;
      }
      found.add(area(input + " present", presence, labels));
    }
    return judged(found, "area", "data.leakage.strongest_input.auc", figures);
  }

  /** The check where the label is a number. */
  Check numeric(Map<String, Double> figures) {
    double[] known = train.stream().mapToDouble(LabelledRow::label).sorted().toArray();
    double[] ranks = held.stream().mapToDouble(each -> rank(known, each.label())).toArray();
    if (ranks.length < LEAST_ROWS) {
      return inconclusive("too few held-out rows");
    }
    if (Arrays.stream(ranks).distinct().limit(2).count() < 2) {
      return inconclusive("the held-out labels are all alike");
    }
    List<Power> found = new ArrayList<>();
    groupColumns().forEach(group -> found.add(explained(group, group, known, ranks, false)));
    for (String input : inputs) {
      found.add(explained(input, input, known, ranks, false));
      found.add(explained(input + " present", input, known, ranks, true));
    }
    return judged(
        found, "share of the variance of its ranks", "data.leakage.strongest_input.r2", figures);
  }

  private static Check inconclusive(String why) {
    return new Check("leakage inputs", Outcome.INCONCLUSIVE, why);
  }

  private static Check judged(
      List<Power> found, String measure, String figure, Map<String, Double> figures) {
    found.sort(Comparator.comparingDouble(Power::value).reversed());
    figures.put(figure, found.getFirst().value);
    List<String> suspicious =
        found.stream()
            .filter(each -> each.low >= SUSPICIOUS)
            .map(each -> each.input + " (" + number(each.value) + ")")
            .toList();
    List<String> strongest =
        found.subList(0, Math.min(NAMED, found.size())).stream()
            .map(each -> each.input + " " + number(each.value))
            .toList();
    return new Check(
        "leakage inputs",
        suspicious.isEmpty() ? Outcome.PASSED : Outcome.INCONCLUSIVE,
        suspicious.isEmpty()
            ? "no single input tells the label; the strongest by " + measure + ": " + strongest
            : "suspiciously strong alone, is it known at the moment? " + suspicious);
  }

  /**
   * Who or what a row is about: where that alone tells the label, the same one is on both sides.
   */
  private List<String> groupColumns() {
    return held.getFirst().file().columns().stream()
        .map(Column::name)
        .filter(name -> name.startsWith("entity.") && !inputs.contains(name))
        .toList();
  }

  private static Power area(String input, double[] scores, boolean[] labels) {
    Auc.Estimate estimate = Auc.estimate(scores, labels, CONFIDENCE);
    double auc = estimate.auc();
    return auc >= 0.5
        ? new Power(input, auc, estimate.interval().low())
        : new Power(input, 1 - auc, 1 - estimate.interval().high());
  }

  /** Numbers as they are, missing ones below all; categories by their mean label in training. */
  private double[] scores(String input) {
    double base = train.stream().mapToDouble(LabelledRow::label).average().orElse(0);
    Map<@Nullable Object, double[]> means =
        sums(
            train.stream().filter(each -> each.value(input) instanceof String).toList(),
            row -> row.value(input),
            LabelledRow::label);
    double[] scores = new double[held.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] =
          switch (held.get(i).value(input)) {
            case Number value -> value.doubleValue();
            case Boolean value -> value ? 1 : 0;
            case String text -> mean(means.get(text), base, SHRINKAGE);
            case null, default -> -Double.MAX_VALUE;
          };
    }
    return scores;
  }

  private Power explained(
      String name, String input, double[] known, double[] ranks, boolean presence) {
    double[] edges = edges(input);
    Grouping grouping = row -> presence ? row.value(input) == null : group(row.value(input), edges);
    Map<@Nullable Object, double[]> means = sums(train, grouping, row -> rank(known, row.label()));
    double base = Arrays.stream(ranks).average().orElse(0);
    double error = 0;
    double all = 0;
    for (int i = 0; i < ranks.length; i++) {
      // Ranks among the training labels have the mean 1/2.
      Object group = grouping.of(held.get(i));
      double told = mean(means.get(group), 0.5, group instanceof String ? SHRINKAGE : 0);
      error += (ranks[i] - told) * (ranks[i] - told);
      all += (ranks[i] - base) * (ranks[i] - base);
    }
    double share = Math.clamp(1 - error / all, 0, 1);
    return new Power(name, share, lowerEnd(share, ranks.length));
  }

  /** By the normal law of the inverse hyperbolic tangent of a correlation (Fisher, 1921). */
  private static double lowerEnd(double share, int rows) {
    double z = Math.log((1 + Math.sqrt(share)) / (1 - Math.sqrt(share))) / 2;
    double low = Math.tanh(z - CONFIDENCE_DEVIATIONS / Math.sqrt(rows - 3.0));
    return low <= 0 ? 0 : low * low;
  }

  /** What a row has in common with others. */
  @FunctionalInterface
  private interface Grouping {
    @Nullable Object of(LabelledRow row);
  }

  /** A figure of a row. */
  @FunctionalInterface
  private interface Figure {
    double of(LabelledRow row);
  }

  /** Group → sum of a figure over its rows, and their number. */
  private static Map<@Nullable Object, double[]> sums(
      List<LabelledRow> rows, Grouping grouping, Figure figure) {
    Map<@Nullable Object, double[]> sums = new HashMap<>();
    for (LabelledRow row : rows) {
      double[] sum = sums.computeIfAbsent(grouping.of(row), any -> new double[2]);
      sum[0] += figure.of(row);
      sum[1]++;
    }
    return sums;
  }

  private static double mean(double @Nullable [] sum, double base, double shrinkage) {
    return sum == null ? base : (sum[0] + shrinkage * base) / (sum[1] + shrinkage);
  }

  /** Place of a label among the sorted ones of the training rows, in [0, 1]; ties share theirs. */
  private static double rank(double[] sorted, double label) {
    return (below(sorted, label, false) + below(sorted, label, true)) / 2.0 / sorted.length;
  }

  /** How many lie below a value, or at it, too. */
  private static int below(double[] sorted, double value, boolean orAt) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      boolean before = orAt ? sorted[middle] <= value : sorted[middle] < value;
      if (before) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The bin of a number, everything else as it is. */
  private static @Nullable Object group(@Nullable Object value, double[] edges) {
    return value instanceof Number number
        ? (Object) below(edges, number.doubleValue(), true)
        : value;
  }

  /** Upper ends of the bins of a numeric input, ascending, each once. */
  private double[] edges(String input) {
    double[] values =
        train.stream()
            .map(each -> each.value(input))
            .filter(Number.class::isInstance)
            .mapToDouble(each -> ((Number) each).doubleValue())
            .sorted()
            .toArray();
    int bins = Math.min(BINS, values.length / LEAST_BIN);
    return IntStream.range(1, Math.max(1, bins))
        .mapToDouble(i -> values[(int) ((long) i * values.length / bins)])
        .distinct()
        .toArray();
  }
}
