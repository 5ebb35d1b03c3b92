// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.transform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects one column's training values and turns them into constants. */
abstract sealed class ColumnFit {
  static ColumnFit of(ColumnSpec spec) {
    return switch (spec.kind()) {
      case "vocabulary", "index" -> new Categories(spec);
      case "hash" -> new Hash(spec);
      default -> new Numbers(spec);
    };
  }

  abstract void add(@Nullable Object raw);

  abstract FittedColumn fitted();

  /** Keeps every value: medians and quantiles are exact. */
  private static final class Numbers extends ColumnFit {
    private final ColumnSpec spec;
    private double[] values = new double[1024];
    private int size;

    Numbers(ColumnSpec spec) {
      this.spec = spec;
    }

    @Override
    void add(@Nullable Object raw) {
      double value = RawValues.number(raw);
      if (!Double.isNaN(value)) {
        if (size == values.length) {
          values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
      }
    }

    @Override
    FittedColumn fitted() {
      // Sorted, so that sums do not depend on the order of the rows either.
      double[] sorted = Arrays.copyOf(values, size);
      Arrays.sort(sorted);
      return spec.kind().equals("buckets") ? buckets(sorted) : number(sorted);
    }

    private FittedColumn number(double[] sorted) {
      Double clip = spec.clip();
      Double low = clip == null || size == 0 ? null : quantile(sorted, clip);
      Double high = clip == null || size == 0 ? null : quantile(sorted, 1 - clip);
      if (low != null && high != null) {
        for (int i = 0; i < sorted.length; i++) {
          sorted[i] = Math.clamp(sorted[i], low, high);
        }
      }
      double mean = mean(sorted);
      Double fill =
          switch (spec.impute()) {
            case "mean" -> (Double) mean;
            case "constant" -> spec.constant();
            case "none" -> null;
            case null, default -> (Double) quantile(sorted, 0.5);
          };
      double shift = 0;
      double scale = 1;
      if ("standard".equals(spec.scale())) {
        shift = mean;
        scale = positive(deviation(sorted, mean));
      } else if ("range".equals(spec.scale()) && size > 0) {
        shift = sorted[0];
        scale = positive(sorted[size - 1] - sorted[0]);
      }
      return new FittedColumn(
          "number", spec.name(), spec.indicator(), fill, low, high, shift, scale, null, null, null);
    }

    private FittedColumn buckets(double[] sorted) {
      List<Double> boundaries = new ArrayList<>();
      int count = spec.size() == null ? 1 : spec.size();
      for (int i = 1; i < count && size > 0; i++) {
        // The value at the cut opens the next bucket, so that equal values share one.
        double boundary = sorted[Math.min(size - 1, (int) ((long) size * i / count))];
        boolean opens =
            boundaries.isEmpty() ? boundary > sorted[0] : boundary > boundaries.getLast();
        if (opens) {
          boundaries.add(boundary);
        }
      }
      return new FittedColumn(
          "buckets",
          spec.name(),
          spec.indicator(),
          null,
          null,
          null,
          null,
          null,
          boundaries,
          null,
          null);
    }

    /** Linear between neighbours (type 7 of Hyndman and Fan); 0 without values. */
    private static double quantile(double[] sorted, double q) {
      if (sorted.length == 0) {
        return 0;
      }
      double position = q * (sorted.length - 1);
      int below = (int) position;
      int above = Math.min(below + 1, sorted.length - 1);
      double share = position - below;
      return sorted[below] * (1 - share) + sorted[above] * share;
    }

    private static double mean(double[] sorted) {
      double mean = 0;
      for (int i = 0; i < sorted.length; i++) {
        mean += (sorted[i] - mean) / (i + 1);
      }
      return mean;
    }

    private static double deviation(double[] sorted, double mean) {
      double sum = 0;
      for (double value : sorted) {
        sum += (value - mean) * (value - mean);
      }
      return sorted.length == 0 ? 0 : Math.sqrt(sum / sorted.length);
    }

    /** A column that does not vary is only shifted. */
    private static double positive(double scale) {
      return scale > 0 && Double.isFinite(scale) ? scale : 1;
    }
  }

  private static final class Categories extends ColumnFit {
    private final ColumnSpec spec;
    private final Map<String, Integer> counts = new HashMap<>();

    Categories(ColumnSpec spec) {
      this.spec = spec;
    }

    @Override
    void add(@Nullable Object raw) {
      String category = RawValues.category(raw);
      if (category != null) {
        counts.merge(category, 1, Integer::sum);
      }
    }

    @Override
    FittedColumn fitted() {
      List<String> kept =
          counts.entrySet().stream()
              .sorted(
                  Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                      .thenComparing(Map.Entry.comparingByKey()))
              .limit(spec.size() == null ? 0 : spec.size())
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      return new FittedColumn(
          spec.kind(),
          spec.name(),
          spec.indicator(),
          null,
          null,
          null,
          null,
          null,
          null,
          kept,
          null);
    }
  }

  private static final class Hash extends ColumnFit {
    private final ColumnSpec spec;

    Hash(ColumnSpec spec) {
      this.spec = spec;
    }

    @Override
    void add(@Nullable Object raw) {
      // Nothing is fitted: the slot is a function of the value alone.
    }

    @Override
    FittedColumn fitted() {
      return new FittedColumn(
          "hash",
          spec.name(),
          spec.indicator(),
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          spec.size());
    }
  }
}
