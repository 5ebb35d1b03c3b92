// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.transform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fitted transform of a model's raw inputs into its input vector: plain data, part of the model
 * package. Immutable and thread-safe; a row's outputs depend on that row and the constants alone.
 *
 * @param columns one per raw input, in input order
 */
public record Preprocessing(List<FittedColumn> columns) {
  public Preprocessing {
    columns = List.copyOf(columns);
  }

  /**
   * Fits the constants on training rows. Deterministic: the same rows give the same constants, and
   * all but means and deviations do not even depend on their order.
   *
   * @param columns one per raw input
   * @param rows raw inputs (String, Number, Boolean or null) in the order of the columns; read once
   */
  public static Preprocessing fit(
      List<ColumnSpec> columns, Iterable<? extends @Nullable Object[]> rows) {
    List<ColumnFit> fits = new ArrayList<>();
    for (ColumnSpec column : columns) {
      fits.add(ColumnFit.of(column));
    }
    for (@Nullable Object[] row : rows) {
      requireWidth(row, fits.size());
      for (int i = 0; i < row.length; i++) {
        fits.get(i).add(row[i]);
      }
    }
    return new Preprocessing(fits.stream().map(ColumnFit::fitted).toList());
  }

  /** Number of outputs. */
  public int width() {
    int width = 0;
    for (FittedColumn column : columns) {
      width += column.width();
    }
    return width;
  }

  /** Names of the outputs, unique if the column names are. */
  public List<String> outputNames() {
    return columns.stream().flatMap(column -> column.outputNames().stream()).toList();
  }

  /**
   * Transforms a row.
   *
   * @param rawRow in the order of the columns
   * @param out of {@link #width()} at least; overwritten from 0
   */
  public void apply(@Nullable Object[] rawRow, float[] out) {
    requireWidth(rawRow, columns.size());
    Arrays.fill(out, 0, width(), 0f);
    int at = 0;
    for (int i = 0; i < rawRow.length; i++) {
      FittedColumn column = columns.get(i);
      column.apply(rawRow[i], out, at);
      at += column.width();
    }
  }

  private static void requireWidth(@Nullable Object[] row, int expected) {
    if (row.length != expected) {
      throw new IllegalArgumentException(
          "a row of " + row.length + " values for " + expected + " columns");
    }
  }
}
