// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor;

import io.millrace.testkit.architecture.HouseRules;
import org.junit.jupiter.api.Test;

final class MonitorHouseRulesTest {
  @Test
  void monitor_allClasses_followTheHouseRules() {
    HouseRules.check("io.millrace.monitor");
  }
}
