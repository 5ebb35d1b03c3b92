// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What JMH runs: a read of 18 features of one busy key, as the online store serves it. */
@State(Scope.Thread)
public class ReadLoop {
  private static final int EVENTS_PER_DAY = 10_000;
  private static final int DAYS = 7;
  private static final int MERCHANTS = 900;
  private static final long DAY_MS = 86_400_000;

  /** A Monday, so that nothing depends on the clock. */
  private static final long NOW_MS = 1_790_000_000_000L;

  /** {@code tiles}: from the stored bytes. {@code events}: from the events of a week. */
  @Param("tiles")
  public String from = "";

  private final ViewPlan plan = plan();
  private final double[] features = new double[plan.size()];
  private final List<Map<String, Object>> events = new ArrayList<>();
  private final List<Long> timesMs = new ArrayList<>();
  private byte[] stored = {};

  /** Makes a week of events and the bytes that the online store would hold. */
  @Setup
  public void prepare() {
    SplittableRandom random = new SplittableRandom(1);
    int count = EVENTS_PER_DAY * DAYS;
    for (int i = 0; i < count; i++) {
      events.add(
          Map.of(
              "amount",
              Math.exp(random.nextGaussian(3, 1)),
              "merchant",
              "merchant-" + random.nextInt(MERCHANTS)));
      timesMs.add(NOW_MS - DAYS * DAY_MS + DAYS * DAY_MS * i / count);
    }
    stored = plan.encode(state());
  }

  /** One read. */
  @Benchmark
  public double[] read() {
    ViewState state = from.equals("tiles") ? plan.decode(stored) : state();
    plan.readDoubles(state, NOW_MS, features, 0);
    return features;
  }

  /** Bytes of the state as stored. */
  int storedBytes() {
    return stored.length;
  }

  private ViewState state() {
    ViewState state = plan.newState();
    for (int i = 0; i < events.size(); i++) {
      plan.update(state, events.get(i), timesMs.get(i));
    }
    return state;
  }

  private static ViewPlan plan() {
    Map<String, FeatureDefinition> features = new LinkedHashMap<>();
    for (String window : List.of("1h", "1d", "7d")) {
      features.put("count_" + window, FeatureDefinition.of("count", null, window));
      for (String aggregate : List.of("sum", "mean", "max")) {
        features.put(aggregate + "_" + window, FeatureDefinition.of(aggregate, "amount", window));
      }
    }
    for (String window : List.of("1d", "7d")) {
      features.put("min_" + window, FeatureDefinition.of("min", "amount", window));
      features.put("std_" + window, FeatureDefinition.of("std", "amount", window));
      features.put(
          "merchants_" + window, FeatureDefinition.of("count_distinct", "merchant", window));
    }
    return ViewPlan.compile(
        "payments",
        new FeatureViewDefinition("payment", "card", null, features, null, null),
        new EventSchema(Map.of("amount", FieldType.NUMBER, "merchant", FieldType.STRING), false));
  }
}
