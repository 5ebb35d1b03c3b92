// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Raw rows with the scores that the trainer's copy of the model gave, in {@code
 * input_example.json}: whoever loads the package can prove that it computes the same.
 *
 * @param rows values in the order of the inputs; a missing value is null
 * @param scores one per row
 */
public record InputExample(List<List<@Nullable Object>> rows, List<Double> scores) {
  public InputExample {
    List<List<@Nullable Object>> copy = new ArrayList<>();
    rows.forEach(row -> copy.add(Collections.unmodifiableList(new ArrayList<>(row))));
    rows = Collections.unmodifiableList(copy);
    scores = List.copyOf(scores);
    if (rows.size() != scores.size()) {
      throw new IllegalArgumentException(rows.size() + " rows but " + scores.size() + " scores");
    }
  }

  /** An example of rows as they are scored; NaN counts as missing. */
  public static InputExample of(List<@Nullable Object[]> rows, double[] scores) {
    List<List<@Nullable Object>> lists = new ArrayList<>();
    for (@Nullable Object[] row : rows) {
      List<@Nullable Object> list = new ArrayList<>();
      for (Object value : row) {
        list.add(value instanceof Double number && number.isNaN() ? null : value);
      }
      lists.add(list);
    }
    return new InputExample(lists, Arrays.stream(scores).boxed().toList());
  }

  /** The rows as arrays. */
  public List<@Nullable Object[]> rowArrays() {
    List<@Nullable Object[]> arrays = new ArrayList<>();
    for (List<@Nullable Object> row : rows) {
      arrays.add(row.toArray());
    }
    return arrays;
  }
}
