// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The distributions that a model was trained on, in {@code reference_profile.json}: one per raw
 * input over the training rows, and the score's over the evaluation rows. Of some rows it says
 * which bins their values lie in together; no value can be read back from it.
 *
 * <p>Figures are exact, not sketched: the trainer holds the columns anyway, and a sketch that draws
 * random bits would make the bytes of the package differ from run to run.
 *
 * @param inputs input → distribution, in the order of the signature
 * @param score the score's distribution on the evaluation rows
 * @param positiveShare share of positive labels in the training rows (mean label in a regression)
 * @param evalPositiveShare the same of the evaluation rows
 * @param sample some training rows in bins; null in packages of before there were any
 */
public record ReferenceProfile(
    Map<String, Column> inputs,
    Column score,
    double positiveShare,
    double evalPositiveShare,
    @Nullable Sample sample) {
  /** Equal-share bins of a numeric column, before ties are merged. */
  public static final int BINS = 10;

  /** Quantiles kept of a numeric column: ranks 0, 1/100 … 1. */
  public static final int QUANTILES = 101;

  /** Parts of the rows in their order that are counted apart. */
  public static final int PARTS = 10;

  /** Most categories kept; the others are counted together. */
  public static final int MAX_CATEGORIES = 100;

  /** Most rows of the sample. */
  public static final int SAMPLE_ROWS = 2_000;

  /** Most inputs of the sample. */
  public static final int SAMPLE_INPUTS = 30;

  /** Without a sample of rows. */
  public ReferenceProfile(
      Map<String, Column> inputs, Column score, double positiveShare, double evalPositiveShare) {
    this(inputs, score, positiveShare, evalPositiveShare, null);
  }

  public ReferenceProfile {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }

  /**
   * One column. A numeric one has {@code numbers}, a category one {@code categories}.
   *
   * @param rows all rows
   * @param missing rows without a value
   * @param parts each tenth of the rows, in their order: its count per bin or kept category, of
   *     other categories, and of missing values. They tell how far a stretch of rows differs from
   *     all of them by nature (time of day, trend)
   */
  public record Column(
      long rows,
      long missing,
      @Nullable Numbers numbers,
      @Nullable Categories categories,
      List<List<Long>> parts) {
    public Column {
      parts = parts.stream().map(List::copyOf).toList();
    }

    /** Share of rows without a value, 0 to 1; 0 for no rows. */
    public double missingShare() {
      return rows == 0 ? 0 : (double) missing / rows;
    }
  }

  /**
   * Numbers present.
   *
   * @param mean arithmetic mean
   * @param standardDeviation of the sample; 0 for fewer than two values
   * @param edges ascending cut points; bins are (−∞, e₁], (e₁, e₂] … (eₙ, ∞)
   * @param counts values per bin, one more than {@code edges}
   * @param quantiles values at ranks 0, 0.01 … 1 (nearest rank)
   */
  public record Numbers(
      double mean,
      double standardDeviation,
      List<Double> edges,
      List<Long> counts,
      List<Double> quantiles) {
    public Numbers {
      edges = List.copyOf(edges);
      counts = List.copyOf(counts);
      quantiles = List.copyOf(quantiles);
    }
  }

  /**
   * Categories present.
   *
   * @param counts the most frequent {@value #MAX_CATEGORIES}, most frequent first
   * @param others values of all further categories
   */
  public record Categories(Map<String, Long> counts, long others) {
    public Categories {
      counts = Collections.unmodifiableMap(new LinkedHashMap<>(counts));
    }
  }

  /**
   * Some training rows, evenly spread and in their order: input → the bin of its value in each of
   * them, as {@code parts} counts them (the last one for a missing value).
   */
  public record Sample(Map<String, List<Integer>> bins) {
    public Sample {
      Map<String, List<Integer>> copy = new LinkedHashMap<>();
      bins.forEach((input, places) -> copy.put(input, List.copyOf(places)));
      bins = Collections.unmodifiableMap(copy);
    }

    /** How many rows. */
    public int rows() {
      return bins.isEmpty() ? 0 : bins.values().iterator().next().size();
    }
  }

  /** Bins of the sampled rows of a numeric column; NaN is missing. */
  public static List<Integer> sampled(Column column, double[] values) {
    Numbers numbers = column.numbers();
    List<Double> edges = numbers == null ? List.of() : numbers.edges();
    return sampled(values.length, row -> bin(values[row], edges));
  }

  /** Bins of the sampled rows of a category column; null is missing. */
  public static List<Integer> sampled(Column column, @Nullable String[] values) {
    Categories categories = column.categories();
    Map<String, Integer> places = new HashMap<>();
    if (categories != null) {
      categories.counts().keySet().forEach(name -> places.put(name, places.size()));
    }
    return sampled(
        values.length,
        row -> {
          String value = values[row];
          return value == null ? places.size() + 1 : places.getOrDefault(value, places.size());
        });
  }

  private static List<Integer> sampled(int rows, IntUnaryOperator place) {
    int taken = Math.min(rows, SAMPLE_ROWS);
    List<Integer> bins = new ArrayList<>(taken);
    for (int i = 0; i < taken; i++) {
      bins.add(place.applyAsInt((int) ((long) i * rows / taken)));
    }
    return bins;
  }

  /** The distribution of a numeric column in the order of its rows; NaN is missing. */
  public static Column numeric(double[] values) {
    double[] present =
        Arrays.stream(values).filter(value -> !Double.isNaN(value)).sorted().toArray();
    int n = present.length;
    if (n == 0) {
      return new Column(
          values.length,
          values.length,
          new Numbers(0, 0, List.of(), List.of(0L), List.of()),
          null,
          parts(values.length, 2, row -> 1));
    }
    double mean = Arrays.stream(present).sum() / n;
    double squares = Arrays.stream(present).map(value -> (value - mean) * (value - mean)).sum();
    List<Double> edges = new ArrayList<>();
    for (int i = 1; i < BINS; i++) {
      double edge = nearestRank(present, i / (double) BINS);
      if (edge < present[n - 1] && (edges.isEmpty() || edge > edges.getLast())) {
        edges.add(edge);
      }
    }
    List<List<Long>> parts = parts(values.length, edges.size() + 2, row -> bin(values[row], edges));
    Long[] counts = new Long[edges.size() + 1];
    for (int bin = 0; bin < counts.length; bin++) {
      int each = bin;
      counts[bin] = parts.stream().mapToLong(part -> part.get(each)).sum();
    }
    List<Double> quantiles = new ArrayList<>();
    for (int i = 0; i < QUANTILES; i++) {
      quantiles.add(nearestRank(present, i / (QUANTILES - 1.0)));
    }
    return new Column(
        values.length,
        values.length - n,
        new Numbers(
            mean, n < 2 ? 0 : Math.sqrt(squares / (n - 1)), edges, List.of(counts), quantiles),
        null,
        parts);
  }

  /** Place of a value among the bins; the one after them for a missing value. */
  private static int bin(double value, List<Double> edges) {
    if (Double.isNaN(value)) {
      return edges.size() + 1;
    }
    int bin = 0;
    while (bin < edges.size() && value > edges.get(bin)) {
      bin++;
    }
    return bin;
  }

  private static List<List<Long>> parts(int rows, int width, IntUnaryOperator place) {
    Long[][] counts = new Long[PARTS][width];
    for (Long[] part : counts) {
      Arrays.fill(part, 0L);
    }
    for (int row = 0; row < rows; row++) {
      counts[(int) ((long) row * PARTS / rows)][place.applyAsInt(row)]++;
    }
    return Arrays.stream(counts).map(List::of).toList();
  }

  /** The distribution of a category column in the order of its rows; null is missing. */
  public static Column categorical(@Nullable String[] values) {
    Map<String, Long> all = new HashMap<>();
    long missing = 0;
    for (String value : values) {
      if (value == null) {
        missing++;
      } else {
        all.merge(value, 1L, Long::sum);
      }
    }
    Map<String, Long> kept = new LinkedHashMap<>();
    all.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(MAX_CATEGORIES)
        .forEach(entry -> kept.put(entry.getKey(), entry.getValue()));
    long others = values.length - missing - kept.values().stream().mapToLong(Long::longValue).sum();
    List<String> names = List.copyOf(kept.keySet());
    Map<String, Integer> places = new HashMap<>();
    names.forEach(name -> places.put(name, places.size()));
    List<List<Long>> parts =
        parts(
            values.length,
            names.size() + 2,
            row -> {
              String value = values[row];
              return value == null ? names.size() + 1 : places.getOrDefault(value, names.size());
            });
    return new Column(values.length, missing, null, new Categories(kept, others), parts);
  }

  private static double nearestRank(double[] sorted, double rank) {
    int index = (int) Math.ceil(rank * sorted.length) - 1;
    return sorted[Math.clamp(index, 0, sorted.length - 1)];
  }
}
