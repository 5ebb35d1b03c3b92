// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest;

import io.millrace.testkit.architecture.HouseRules;
import org.junit.jupiter.api.Test;

class HouseRulesTest {
  @Test
  void ingest_keepsTheHouseRules() {
    HouseRules.check("io.millrace.ingest");
  }
}
