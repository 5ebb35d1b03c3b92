// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.transform;

import org.jspecify.annotations.Nullable;

/**
 * How one raw input is to be preprocessed, before anything is fitted.
 *
 * @param name name of the input, for output names and messages
 * @param kind {@code number}, {@code buckets}, {@code vocabulary}, {@code index} or {@code hash}
 * @param impute for numbers: {@code median}, {@code mean}, {@code constant} or {@code none} (NaN
 *     stays, for learners that split on missing values)
 * @param constant the constant of {@code impute: constant}
 * @param indicator whether an output says that the value was missing
 * @param scale for numbers: {@code standard} (mean 0, deviation 1), {@code range} (0 to 1) or
 *     {@code none}
 * @param clip for numbers: share cut off at each end by training quantiles, 0 up to 0.5; null for
 *     no clipping
 * @param size number of buckets or hash slots, or most frequent categories kept
 */
public record ColumnSpec(
    String name,
    String kind,
    @Nullable String impute,
    @Nullable Double constant,
    boolean indicator,
    @Nullable String scale,
    @Nullable Double clip,
    @Nullable Integer size) {
  private static final int MAX_SIZE = 1 << 20;

  public ColumnSpec {
    switch (kind) {
      case "number" -> {
        require(size == null, name, "a number has no size");
        require(
            impute == null || impute.matches("median|mean|constant|none"),
            name,
            "impute is median, mean, constant or none");
        require(
            (constant != null) == "constant".equals(impute),
            name,
            "a constant goes with impute: constant");
        require(constant == null || Double.isFinite(constant), name, "the constant is not finite");
        require(
            scale == null || scale.matches("standard|range|none"),
            name,
            "scale is standard, range or none");
        require(clip == null || (clip >= 0 && clip < 0.5), name, "clip is 0 up to 0.5");
      }
      case "buckets", "vocabulary", "index", "hash" -> {
        require(size != null && size >= 1 && size <= MAX_SIZE, name, "size is 1 to " + MAX_SIZE);
        require(
            impute == null && constant == null && scale == null && clip == null,
            name,
            "impute, scale and clip are for numbers");
      }
      default ->
          throw new IllegalArgumentException(
              "column '"
                  + name
                  + "': kind is number, buckets, vocabulary, index or hash, not "
                  + kind);
    }
  }

  /** A number imputed by its median with an indicator, scaled to mean 0 and deviation 1. */
  public static ColumnSpec standardised(String name) {
    return new ColumnSpec(name, "number", "median", null, true, "standard", null, null);
  }

  /** A number as it is, NaN where missing: for trees. */
  public static ColumnSpec raw(String name) {
    return new ColumnSpec(name, "number", "none", null, false, "none", null, null);
  }

  /** One-hot of the most frequent categories, and one output for all others and missing ones. */
  public static ColumnSpec vocabulary(String name, int size) {
    return new ColumnSpec(name, "vocabulary", null, null, false, null, null, size);
  }

  /**
   * One output, the row of an embedding table: 0 up to size − 1 for the most frequent categories in
   * ascending order, and the number of those that there are for all others and missing ones.
   */
  public static ColumnSpec index(String name, int size) {
    return new ColumnSpec(name, "index", null, null, false, null, null, size);
  }

  /** One-hot of quantile buckets. */
  public static ColumnSpec buckets(String name, int size) {
    return new ColumnSpec(name, "buckets", null, null, true, null, null, size);
  }

  /** One-hot of a hash, for categories too many to list. */
  public static ColumnSpec hash(String name, int size) {
    return new ColumnSpec(name, "hash", null, null, true, null, null, size);
  }

  private static void require(boolean holds, String name, String rule) {
    if (!holds) {
      throw new IllegalArgumentException("column '" + name + "': " + rule);
    }
  }
}
