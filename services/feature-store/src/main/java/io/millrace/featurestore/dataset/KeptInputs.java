// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whether what a build has read was there all the time. Moments and the histories of repartitioned
 * groups go with their version, a while after it has been followed by another; a read of what is
 * gone finds nothing, and fails in no other way. Thread-safe.
 */
public final class KeptInputs {
  private final ServingGenerations serving;
  private final Function<String, Optional<ApplicationDefinition>> applied;

  /**
   * @param applied application → its newest definition; empty where it has been deleted
   */
  public KeptInputs(
      ServingGenerations serving, Function<String, Optional<ApplicationDefinition>> applied) {
    this.serving = serving;
    this.applied = applied;
  }

  /**
   * To be called when everything has been read.
   *
   * @param rule whose moments were read; null where they came from a file
   * @throws IllegalStateException where some of it may have been removed meanwhile
   */
  void require(DatasetPlan plan, @Nullable LabelRule rule) {
    String app = plan.generation().app();
    ApplicationDefinition now =
        applied
            .apply(app)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "application '" + app + "' was deleted while the dataset was built"));
    if (!areHistoriesKept(plan) || !areMomentsKept(rule, now)) {
      throw new IllegalStateException(
          "the definition of '" + app + "' has changed while the dataset was built; ask again");
    }
  }

  private boolean areHistoriesKept(DatasetPlan plan) {
    Generation built = plan.generation();
    return plan.groups().keySet().stream().allMatch(FeatureGroup::isPrimary)
        || serving.find(built.app()).filter(now -> now.hash().equals(built.hash())).isPresent();
  }

  private static boolean areMomentsKept(@Nullable LabelRule rule, ApplicationDefinition now) {
    LabelRule next = LabelRule.of(now);
    return rule == null || (next != null && next.hash().equals(rule.hash()));
  }
}
