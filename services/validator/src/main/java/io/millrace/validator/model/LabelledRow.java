// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.datasets.Dataset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of a dataset that has a label.
 *
 * @param file where it stands
 * @param row its number there
 * @param label finite
 */
record LabelledRow(Dataset file, int row, double label) {
  private static final int MOST_ROWS = 20_000;

  @Nullable Object value(String column) {
    return file.value(column, row);
  }

  /** Every k-th row, so that a large dataset costs no more than a middling one. */
  static List<LabelledRow> thinned(List<LabelledRow> rows) {
    int step = Math.max(1, Math.ceilDiv(rows.size(), MOST_ROWS));
    List<LabelledRow> kept = new ArrayList<>();
    for (int i = 0; i < rows.size(); i += step) {
      kept.add(rows.get(i));
    }
    return kept;
  }
}
