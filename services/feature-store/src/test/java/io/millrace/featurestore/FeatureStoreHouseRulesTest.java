// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.testkit.architecture.HouseRules;
import org.junit.jupiter.api.Test;

class FeatureStoreHouseRulesTest {
  @Test
  void featureStore_allClasses_followTheHouseRules() {
    HouseRules.check("io.millrace.featurestore");
  }
}
