// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A state that remembers merges reads, to the bit, like one that was just decoded. */
final class RememberedMergesTest {
  private static final EventSchema SCHEMA =
      new EventSchema(Map.of("v", FieldType.NUMBER, "s", FieldType.STRING), false);

  private static ViewPlan plan() {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String window : List.of("10m", "1h", "1d", "20 events", "session 5m", "lifetime")) {
      String suffix = window.replace(" ", "");
      for (String aggregate :
          List.of("sum", "mean", "variance", "kurtosis", "max", "median", "last")) {
        features.put(aggregate + suffix, FeatureDefinition.of(aggregate, "v", window));
      }
      features.put("count" + suffix, FeatureDefinition.of("count", null, window));
      features.put("distinct" + suffix, FeatureDefinition.of("count_distinct", "s", window));
      features.put(
          "decayed" + suffix,
          new FeatureDefinition(
              "decayed_sum", "v", null, window, null, null, null, "7m", null, null, null, null));
    }
    return ViewPlan.compile(
        "v", new FeatureViewDefinition("e", "k", null, features, null, null), SCHEMA);
  }

  @Test
  void readDoubles_lateDuplicateAndDistantEvents_equalsADecodedState() {
    SplittableRandom random = new SplittableRandom(31);
    ViewPlan plan = plan();
    double[] remembered = new double[plan.size()];
    double[] decoded = new double[plan.size()];
    for (int run = 0; run < 15; run++) {
      ViewState state = plan.newState();
      long clock = 1_700_000_000_000L;
      for (int i = 0; i < 250; i++) {
        clock += random.nextInt(50) == 0 ? 4_000_000 : random.nextInt(40_000);
        long late = random.nextInt(4) == 0 ? random.nextInt(900_000) : 0;
        Map<String, Object> fields =
            Map.of("v", random.nextGaussian() * 1e6, "s", "c" + random.nextInt(30));
        for (int copies = random.nextInt(8) == 0 ? 2 : 1; copies > 0; copies--) {
          plan.update(state, fields, clock - late);
        }
        for (int reads = random.nextInt(3); reads > 0; reads--) {
          long asOf = clock + random.nextInt(-60_000, 600_000);
          plan.readDoubles(state, asOf, remembered, 0);
          plan.readDoubles(plan.decode(plan.encode(state)), asOf, decoded, 0);
          for (int f = 0; f < decoded.length; f++) {
            assertThat(Double.doubleToRawLongBits(remembered[f]))
                .as(plan.featureNames().get(f))
                .isEqualTo(Double.doubleToRawLongBits(decoded[f]));
          }
        }
      }
    }
  }
}
