// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.features.transform.ColumnSpec;
import io.millrace.models.ModelInput;

/** How a learner wants raw inputs prepared. */
public enum InputForm {
  /** Numbers as they are, missing ones as NaN: for trees. */
  RAW,
  /**
   * Numbers with mean 0 and deviation 1, their extreme thousandths cut off, missing ones at the
   * median with a flag: for linear models and networks.
   */
  STANDARDISED;

  /** Most categories of an input that get a column of their own. */
  static final int MAX_CATEGORIES = 32;

  private static final double CLIP = 0.001;

  ColumnSpec column(ModelInput input) {
    if (input.type() == ModelInput.Type.CATEGORY) {
      return ColumnSpec.vocabulary(input.name(), MAX_CATEGORIES);
    }
    return this == RAW
        ? ColumnSpec.raw(input.name())
        : new ColumnSpec(input.name(), "number", "median", null, true, "standard", CLIP, null);
  }
}
