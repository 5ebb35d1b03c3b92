// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Where the rows of a dataset come from, before their features. */
interface SpineSource {
  /** Further columns of the rows that are kept as they are, in the order of their values. */
  List<String> extras();

  /**
   * Hands over every row, the same ones in the same order each time.
   *
   * @param rows takes them; their values are those of the plan's fields, then of the extras
   * @throws io.millrace.featurestore.history.StoreUnavailableException where a store does not
   *     answer
   */
  void read(Consumer<Spine.Row> rows) throws IOException;

  /** When the label of a moment is decided; the moment itself where it always is. */
  long decidedBy(long momentMs);
}
