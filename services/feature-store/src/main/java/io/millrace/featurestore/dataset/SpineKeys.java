// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.definition.ApplicationDefinition;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes entity keys, as they are in events, of what people write. Thread-safe. */
@FunctionalInterface
public interface SpineKeys {
  /**
   * The keys of one row.
   *
   * @param sent entity → key; null where the row has none
   * @param pseudonymous whether personal keys are hashed already
   * @throws IllegalArgumentException where one is no key
   */
  Map<String, String> of(
      ApplicationDefinition definition, Map<String, @Nullable Object> sent, boolean pseudonymous);
}
