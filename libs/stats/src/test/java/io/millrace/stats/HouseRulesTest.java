// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats;

import io.millrace.testkit.architecture.HouseRules;
import org.junit.jupiter.api.Test;

class HouseRulesTest {
  @Test
  void stats_isPure() {
    HouseRules.checkLibrary("io.millrace.stats", "org.apache.datasketches..", "org.hipparchus..");
  }
}
