// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.transform;

import java.util.List;

/**
 * A fitted transform of the combination of several raw inputs, as plain data.
 *
 * @param inputs at least two raw inputs, by their place in the row
 * @param column of kind vocabulary, index or hash
 */
public record Cross(List<Integer> inputs, FittedColumn column) {
  public Cross {
    inputs = List.copyOf(inputs);
    check(inputs, column.kind(), column.name());
  }

  /**
   * How a combination is to be preprocessed, before anything is fitted.
   *
   * @param inputs at least two raw inputs, by their place in the row
   * @param column of kind vocabulary, index or hash; its name is that of the outputs
   */
  public record Spec(List<Integer> inputs, ColumnSpec column) {
    public Spec {
      inputs = List.copyOf(inputs);
      check(inputs, column.kind(), column.name());
    }
  }

  private static void check(List<Integer> inputs, String kind, String name) {
    if (inputs.size() < 2 || inputs.stream().anyMatch(input -> input < 0)) {
      throw new IllegalArgumentException("cross '" + name + "': at least two inputs, from 0 on");
    }
    if (!kind.matches("vocabulary|index|hash")) {
      throw new IllegalArgumentException(
          "cross '" + name + "': kind is vocabulary, index or hash, not " + kind);
    }
  }
}
