// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes notice of rows that were served, for some of the keys. Thread-safe. */
public interface ServedRows {
  /** Whether a row with this entity key is of interest now; asked once for each such row. */
  boolean wants(String app, String key);

  /**
   * A row was served.
   *
   * @param states {@code view:key} → version
   * @param features {@code view.feature} → Double, String, List or Map; null where not present
   */
  void served(
      String app, Map<String, Long> states, long momentMs, Map<String, @Nullable Object> features);
}
