// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.view.ViewPlan;
import java.util.Map;
import java.util.TreeMap;

/** Which definition of each feature view a model was trained with. */
final class ViewHashes {
  private ViewHashes() {}

  /** The definition hash of every view that a model input comes from. */
  static Map<String, String> of(ApplicationDefinition definition) {
    Map<String, String> hashes = new TreeMap<>();
    for (String input : definition.modelInputs()) {
      String name = input.substring(0, input.indexOf('.'));
      FeatureViewDefinition view = definition.featureViews().get(name);
      if (view != null && !hashes.containsKey(name)) {
        ViewPlan plan = ViewPlan.compile(name, view, definition.event(view.source()).eventSchema());
        hashes.put(name, plan.definitionHash());
      }
    }
    return hashes;
  }
}
