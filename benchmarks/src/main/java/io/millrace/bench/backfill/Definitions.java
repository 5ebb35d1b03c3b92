// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.backfill;

import java.nio.charset.StandardCharsets;

/** The application before and after a feature has come to it. */
final class Definitions {
  /** A feature that all of them have; with its view. */
  static final String OLD_FEATURE = Orders.VIEW + ".orders";

  private Definitions() {}

  /** The new feature of a round, with its view: another name and other values in each. */
  static String newFeature(int round) {
    return Orders.VIEW + "." + newName(round);
  }

  private static String newName(int round) {
    return "amount_90d_" + round;
  }

  /** What the new feature of a round sums up. */
  static String summed(int round) {
    return "amount * " + factor(round);
  }

  /** By what the amounts are multiplied in a round. */
  static int factor(int round) {
    return round + 1;
  }

  /** With the new feature of a round. */
  static byte[] with(int round) {
    return (before()
            + "      %s: {aggregate: sum, of: %s, window: 90d}\n"
                .formatted(newName(round), summed(round)))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Without. */
  static byte[] without() {
    return before().getBytes(StandardCharsets.UTF_8);
  }

  private static String before() {
    return """
    apiVersion: millrace/v1
    kind: Application
    metadata: {name: backfill, owner: bench@millrace.example, description: A feature that comes later}
    events:
      order:
        time: {field: at}
        id: id
        schema:
          required: [id, customer, amount]
          properties:
            id: {type: string}
            at: {type: string}
            customer: {type: string}
            amount: {type: integer}
    entities:
      customer: {key: customer}
    featureViews:
      spend:
        source: order
        entity: customer
        features:
          orders: {aggregate: count, window: lifetime}
          amount_30d: {aggregate: sum, of: amount, window: 30d}
    """;
  }
}
