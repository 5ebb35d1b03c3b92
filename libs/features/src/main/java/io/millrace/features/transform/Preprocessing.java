// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.transform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fitted transform of a model's raw inputs into its input vector: plain data, part of the model
 * package. Immutable and thread-safe; a row's outputs depend on that row and the constants alone.
 *
 * @param columns one per raw input, in input order
 * @param crosses of several inputs, their outputs after those of the columns; empty in packages
 *     that were written without
 */
public record Preprocessing(List<FittedColumn> columns, List<Cross> crosses) {
  public Preprocessing(List<FittedColumn> columns, @Nullable List<Cross> crosses) {
    this.columns = List.copyOf(columns);
    this.crosses = crosses == null ? List.of() : List.copyOf(crosses);
    for (Cross cross : this.crosses) {
      if (cross.inputs().stream().anyMatch(input -> input >= columns.size())) {
        throw new IllegalArgumentException(
            "cross '" + cross.column().name() + "' of an input that there is not");
      }
    }
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
    return fit(columns, List.of(), rows);
  }

  /**
   * Fits constants of columns and of crosses.
   *
   * @param crosses of several of the raw inputs
   */
  public static Preprocessing fit(
      List<ColumnSpec> columns,
      List<Cross.Spec> crosses,
      Iterable<? extends @Nullable Object[]> rows) {
    List<ColumnFit> fits = columns.stream().map(ColumnFit::of).toList();
    List<ColumnFit> crossFits =
        crosses.stream().map(cross -> ColumnFit.of(cross.column())).toList();
    for (@Nullable Object[] row : rows) {
      requireWidth(row, fits.size());
      for (int i = 0; i < row.length; i++) {
        fits.get(i).add(row[i]);
      }
      for (int i = 0; i < crosses.size(); i++) {
        crossFits.get(i).add(RawValues.cross(row, crosses.get(i).inputs()));
      }
    }
    List<Cross> fitted = new ArrayList<>();
    for (int i = 0; i < crosses.size(); i++) {
      fitted.add(new Cross(crosses.get(i).inputs(), crossFits.get(i).fitted()));
    }
    return new Preprocessing(fits.stream().map(ColumnFit::fitted).toList(), fitted);
  }

  /** Number of outputs. */
  public int width() {
    int width = 0;
    for (FittedColumn column : columns) {
      width += column.width();
    }
    for (Cross cross : crosses) {
      width += cross.column().width();
    }
    return width;
  }

  /** Names of the outputs, unique if the column names are. */
  public List<String> outputNames() {
    return Stream.concat(columns.stream(), crosses.stream().map(Cross::column))
        .flatMap(column -> column.outputNames().stream())
        .toList();
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
    for (Cross cross : crosses) {
      cross.column().apply(RawValues.cross(rawRow, cross.inputs()), out, at);
      at += cross.column().width();
    }
  }

  private static void requireWidth(@Nullable Object[] row, int expected) {
    if (row.length != expected) {
      throw new IllegalArgumentException(
          "a row of " + row.length + " values for " + expected + " columns");
    }
  }
}
