// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.transform;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One raw input's transform with its fitted constants, as plain data.
 *
 * @param kind {@code number}, {@code buckets}, {@code vocabulary}, {@code index} or {@code hash};
 *     says which of the others are set
 * @param name name of the input
 * @param indicator whether the last output is 1 where the value is missing
 * @param fill number: stands in for a missing value; null leaves NaN
 * @param low number: values below are raised to it; null for no bound
 * @param high number: values above are lowered to it; null for no bound
 * @param shift number: subtracted, then the difference is divided by {@code scale}
 * @param scale number: positive
 * @param boundaries buckets: ascending; bucket i holds values at or above boundary i − 1 and below
 *     boundary i
 * @param values vocabulary: categories in ascending order, one output each and one for the rest;
 *     index: the same, but the only output is the category's place, their number for the rest
 * @param slots hash: number of outputs
 */
public record FittedColumn(
    String kind,
    String name,
    boolean indicator,
    @Nullable Double fill,
    @Nullable Double low,
    @Nullable Double high,
    @Nullable Double shift,
    @Nullable Double scale,
    @Nullable List<Double> boundaries,
    @Nullable List<String> values,
    @Nullable Integer slots) {
  public FittedColumn {
    boundaries = boundaries == null ? null : List.copyOf(boundaries);
    values = values == null ? null : List.copyOf(values);
    boolean complete =
        switch (kind) {
          case "number" -> shift != null && scale != null && scale > 0;
          case "buckets" -> boundaries != null;
          case "vocabulary", "index" -> values != null;
          case "hash" -> slots != null && slots > 0;
          default -> false;
        };
    if (!complete) {
      throw new IllegalArgumentException("column '" + name + "': incomplete or unknown " + kind);
    }
  }

  /** Number of outputs. */
  public int width() {
    int values =
        switch (kind) {
          case "number", "index" -> 1;
          case "buckets" -> boundariesOf().size() + 1;
          case "vocabulary" -> valuesOf().size() + 1;
          default -> slotsOf();
        };
    return values + (indicator ? 1 : 0);
  }

  /** Names of the outputs, for example {@code Country=France} or {@code fare?} (was missing). */
  public List<String> outputNames() {
    List<String> names = new ArrayList<>();
    switch (kind) {
      case "number", "index" -> names.add(name);
      case "buckets" -> bucketNames(names);
      case "vocabulary" -> {
        valuesOf().forEach(value -> names.add(name + "=" + value));
        names.add(name + "=*");
      }
      default -> {
        for (int i = 0; i < slotsOf(); i++) {
          names.add(name + "#" + i);
        }
      }
    }
    if (indicator) {
      names.add(name + "?");
    }
    return names;
  }

  private void bucketNames(List<String> names) {
    List<Double> bounds = boundariesOf();
    for (int i = 0; i <= bounds.size(); i++) {
      String from = i == 0 ? "" : bounds.get(i - 1).toString();
      String to = i == bounds.size() ? "" : bounds.get(i).toString();
      names.add(name + "[" + from + ".." + to + ")");
    }
  }

  /** Writes the outputs for a raw value (String, Number, Boolean or null) from {@code at} on. */
  void apply(@Nullable Object raw, float[] out, int at) {
    boolean missing =
        switch (kind) {
          case "number" -> number(raw, out, at);
          case "buckets" -> bucket(raw, out, at);
          case "vocabulary" -> category(raw, out, at);
          case "index" -> index(raw, out, at);
          default -> slot(raw, out, at);
        };
    if (indicator) {
      out[at + width() - 1] = missing ? 1f : 0f;
    }
  }

  private boolean number(@Nullable Object raw, float[] out, int at) {
    double value = RawValues.number(raw);
    boolean missing = Double.isNaN(value);
    if (missing && fill != null) {
      value = fill;
    }
    if (low != null && value < low) {
      value = low;
    }
    if (high != null && value > high) {
      value = high;
    }
    double scaled = (value - unwrap(shift)) / unwrap(scale);
    out[at] = (float) Math.clamp(scaled, -Float.MAX_VALUE, Float.MAX_VALUE);
    return missing;
  }

  private boolean bucket(@Nullable Object raw, float[] out, int at) {
    double value = RawValues.number(raw);
    if (Double.isNaN(value)) {
      return true;
    }
    List<Double> bounds = boundariesOf();
    int bucket = Collections.binarySearch(bounds, value);
    out[at + (bucket >= 0 ? bucket + 1 : -bucket - 1)] = 1f;
    return false;
  }

  private boolean category(@Nullable Object raw, float[] out, int at) {
    String category = RawValues.category(raw);
    int index = category == null ? -1 : Collections.binarySearch(valuesOf(), category);
    out[at + (index >= 0 ? index : valuesOf().size())] = 1f;
    return category == null;
  }

  private boolean index(@Nullable Object raw, float[] out, int at) {
    String category = RawValues.category(raw);
    int index = category == null ? -1 : Collections.binarySearch(valuesOf(), category);
    // Exact: there are at most 2^20 categories, and floats hold whole numbers up to 2^24.
    out[at] = index >= 0 ? index : valuesOf().size();
    return category == null;
  }

  private boolean slot(@Nullable Object raw, float[] out, int at) {
    String category = RawValues.category(raw);
    if (category == null) {
      return true;
    }
    out[at + RawValues.slot(category, slotsOf())] = 1f;
    return false;
  }

  private List<Double> boundariesOf() {
    return boundaries == null ? List.of() : boundaries;
  }

  private List<String> valuesOf() {
    return values == null ? List.of() : values;
  }

  private int slotsOf() {
    return slots == null ? 0 : slots;
  }

  private static double unwrap(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }
}
