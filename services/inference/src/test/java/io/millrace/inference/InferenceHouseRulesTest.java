// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.millrace.testkit.architecture.HouseRules;
import org.junit.jupiter.api.Test;

final class InferenceHouseRulesTest {
  @Test
  void inference_allClasses_followTheHouseRules() {
    HouseRules.check("io.millrace.inference");
  }
}
