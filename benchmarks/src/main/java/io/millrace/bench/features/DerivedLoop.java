// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.derived.DerivedFeatures;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What JMH runs: the derived features of one row, whose values are asked for by name. */
@State(Scope.Thread)
public class DerivedLoop {
  private static final int ROWS = 1_024;
  private static final String RATE = "click_rate";

  private static final Map<String, EventSchema> SCOPES =
      Map.of(
          "event", new EventSchema(Map.of("price", FieldType.NUMBER), false),
          "item", numbers("clicks_7d", "views_7d", "price_max_30d"),
          "user", numbers("visits_30d", "spent_30d", "price_mean_30d"));

  /** {@code cel}: as datasets and predictions do it. {@code java}: the same, written by hand. */
  @Param("cel")
  public String by = "";

  /**
   * {@code one}: a ratio. {@code six}: of a request and two entities, one of them of two others.
   */
  @Param("six")
  public String features = "";

  private final List<Map<String, Object>> rows = rows();
  private final Object[] byHand = new Object[expressions("six").size()];
  private DerivedFeatures derived = DerivedFeatures.NONE;
  private int next;

  private static EventSchema numbers(String... names) {
    Map<String, FieldType> fields = new LinkedHashMap<>();
    for (String name : names) {
      fields.put(name, FieldType.NUMBER);
    }
    return new EventSchema(fields, false);
  }

  /** Name → CEL. */
  static Map<String, String> expressions(String features) {
    Map<String, String> expressions = new LinkedHashMap<>();
    expressions.put(RATE, "item.clicks_7d / item.views_7d");
    if (features.equals("six")) {
      expressions.put(
          "spent_a_visit", "user.visits_30d == 0 ? 0.0 : user.spent_30d / user.visits_30d");
      expressions.put("is_dear", "event.price > user.price_mean_30d * 1.5");
      expressions.put("discount", "1.0 - event.price / item.price_max_30d");
      expressions.put("is_new", "coalesce(user.visits_30d, 0.0) < 3.0");
      expressions.put("appeal", "math.log1p(derived.click_rate) * derived.discount");
    }
    return expressions;
  }

  private static List<Map<String, Object>> rows() {
    SplittableRandom random = new SplittableRandom(3);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      Map<String, Object> row = new HashMap<>();
      row.put("event.price", random.nextDouble(1, 200));
      row.put("item.clicks_7d", (double) random.nextInt(50));
      row.put("item.views_7d", (double) random.nextInt(50, 1_000));
      row.put("item.price_max_30d", random.nextDouble(1, 200));
      row.put("user.visits_30d", (double) random.nextInt(10));
      row.put("user.spent_30d", random.nextDouble(0, 500));
      row.put("user.price_mean_30d", random.nextDouble(1, 200));
      rows.add(row);
    }
    return rows;
  }

  /** Compiles, and holds the two ways to the same values. */
  @Setup
  public void prepare() {
    derived = DerivedFeatures.compile(expressions(features), SCOPES);
    for (Map<String, Object> row : rows) {
      Object[] expected = byHand(row);
      Map<String, Object> computed = derived.evaluate(row::get);
      int i = 0;
      for (String name : expressions(features).keySet()) {
        if (!expected[i++].equals(computed.get(name))) {
          throw new IllegalStateException(name + " differs: " + computed);
        }
      }
    }
  }

  /** One row. */
  @Benchmark
  public Object evaluate() {
    Map<String, Object> row = rows.get(next);
    next = (next + 1) % ROWS;
    return by.equals("cel") ? derived.evaluate(row::get) : byHand(row);
  }

  private Object[] byHand(Map<String, Object> row) {
    double rate = number(row, "item.clicks_7d") / number(row, "item.views_7d");
    byHand[0] = rate;
    if (features.equals("six")) {
      double visits = number(row, "user.visits_30d");
      double price = number(row, "event.price");
      double discount = 1.0 - price / number(row, "item.price_max_30d");
      byHand[1] = visits == 0 ? 0.0 : number(row, "user.spent_30d") / visits;
      byHand[2] = price > number(row, "user.price_mean_30d") * 1.5;
      byHand[3] = discount;
      byHand[4] = visits < 3;
      byHand[5] = Math.log1p(rate) * discount;
    }
    return byHand;
  }

  private static double number(Map<String, Object> row, String name) {
    return row.get(name) instanceof Double value ? value : Double.NaN;
  }
}
