// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator;

import io.millrace.testkit.architecture.HouseRules;
import org.junit.jupiter.api.Test;

final class HouseRulesTest {
  @Test
  void validator_allClasses_followTheHouseRules() {
    HouseRules.check("io.millrace.validator");
  }
}
