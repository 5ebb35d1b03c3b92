// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.backfill;

import io.millrace.bench.BenchException;
import io.millrace.bench.Timed;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.util.Map;

/** What the new feature costs the engine alone: from amounts in memory into states in memory. */
final class Recomputation {
  static final String NAME = "libs/features in one thread";

  private Recomputation() {}

  /**
   * Computes the new feature of a round for all orders of the past.
   *
   * @param nowMs when it is read
   * @throws BenchException where a value is wrong
   */
  static Timed of(Orders orders, int round, long nowMs) {
    ViewPlan plan =
        ViewPlan.compile(
            Orders.VIEW,
            new FeatureViewDefinition(
                Orders.EVENT,
                Orders.ENTITY,
                null,
                Map.of("amount", FeatureDefinition.of("sum", Definitions.summed(round), "90d")),
                null,
                null),
            new EventSchema(Map.of("amount", FieldType.INTEGER), false));
    ViewState[] states = new ViewState[Orders.CUSTOMERS];
    for (int customer = 0; customer < states.length; customer++) {
      states[customer] = plan.newState();
    }
    Timed timed =
        Timed.of(
            () ->
                orders.eachAmount(
                    (customer, fields, timeMs) -> plan.update(states[customer], fields, timeMs)));
    double[] value = new double[1];
    for (int customer = 0; customer < states.length; customer++) {
      plan.readDoubles(states[customer], nowMs, value, 0);
      if (value[0] != orders.amounts90(customer) * Definitions.factor(round)) {
        throw new BenchException(Orders.key(customer) + " has " + value[0] + " recomputed");
      }
    }
    return timed;
  }
}
