// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer;

import io.millrace.testkit.architecture.HouseRules;
import org.junit.jupiter.api.Test;

class HouseRulesTest {
  @Test
  void trainer_allClasses_followTheHouseRules() {
    HouseRules.check("io.millrace.trainer");
  }
}
