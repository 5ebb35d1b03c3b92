// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.Generation;
import org.jspecify.annotations.Nullable;

/** How far the data of an application are. Thread-safe. */
@FunctionalInterface
public interface DataVersion {
  /**
   * Changes with every event that is accepted and with every label, on whichever instance they are
   * processed; the same on all instances.
   *
   * @param generation whose events count
   * @param rule whose labels count; null where labels do not matter
   * @throws io.millrace.featurestore.history.StoreUnavailableException where that cannot be known
   */
  String of(Generation generation, @Nullable LabelRule rule);
}
