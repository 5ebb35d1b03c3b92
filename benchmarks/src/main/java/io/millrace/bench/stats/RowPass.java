// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes rows; what it made of them is asked for at the end, so that nothing is left out. */
interface RowPass extends Consumer<@Nullable Object[]> {
  /** Joins another pass over other rows. */
  void merge(RowPass other);

  /** A figure that depends on every row. */
  double digest();
}
