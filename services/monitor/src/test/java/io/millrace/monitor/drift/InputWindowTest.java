// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.serde.Json;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RepeatableSketches.class)
class InputWindowTest {
  private static final int ROWS = 2_000;

  /** The reference as the trainer writes it and the monitor reads it, through JSON. */
  private static ReferenceProfile reference(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] price = new double[20_000];
    double[] score = new double[price.length];
    String[] category = new String[price.length];
    for (int i = 0; i < price.length; i++) {
      price[i] = price(random);
      score[i] = random.nextDouble();
      category[i] = category(random, 0.5);
    }
    Map<String, ReferenceProfile.Column> inputs = new LinkedHashMap<>();
    inputs.put("event.price", ReferenceProfile.numeric(price));
    inputs.put("event.category", ReferenceProfile.categorical(category));
    ReferenceProfile written =
        new ReferenceProfile(inputs, ReferenceProfile.numeric(score), 0.1, 0.1);
    return Json.mapper()
        .readValue(Json.mapper().writeValueAsBytes(written), ReferenceProfile.class);
  }

  private static double price(SplittableRandom random) {
    return Math.exp(2 + 0.6 * (random.nextDouble() + random.nextDouble() + random.nextDouble()));
  }

  private static String category(SplittableRandom random, double wool) {
    return random.nextDouble() < wool ? "wool" : random.nextDouble() < 0.5 ? "silk" : "cotton";
  }

  private static List<DriftFinding> window(
      long seed, DoubleUnaryOperator distort, double wool, double missing) {
    SplittableRandom random = new SplittableRandom(seed);
    InputWindow window = new InputWindow(reference(7), ROWS, 0.01);
    List<DriftFinding> findings = List.of();
    for (int i = 0; i < ROWS; i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      double value = distort.applyAsDouble(price(random));
      if (random.nextDouble() >= missing) {
        row.put("event.price", value);
      }
      row.put("event.category", category(random, wool));
      findings = window.add(row, random.nextDouble(), i);
    }
    return findings;
  }

  private static DriftFinding of(List<DriftFinding> findings, String subject) {
    return findings.stream()
        .filter(each -> each.subject().equals(subject))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void add_sameDistribution_neverDrifts() {
    for (int seed = 0; seed < 100; seed++) {
      assertThat(window(seed, x -> x, 0.5, 0)).hasSize(3).noneMatch(DriftFinding::drifted);
    }
  }

  @Test
  void add_priceInPence_isDriftOfThatInputAndNamedAsUnitChange() {
    List<DriftFinding> findings = window(1, x -> 100 * x, 0.5, 0);
    DriftFinding price = of(findings, "event.price");
    assertThat(price.drifted()).isTrue();
    assertThat(price.unitChange()).isTrue();
    assertThat(price.kind()).isEqualTo(Kind.DATA);
    assertThat(price.effect()).contains("×100");
    assertThat(of(findings, "event.category").drifted()).isFalse();
    assertThat(of(findings, "prediction").drifted()).isFalse();
  }

  @Test
  void add_priceRaisedByAThird_isDriftButNoUnitChange() {
    DriftFinding price = of(window(1, x -> 1.37 * x, 0.5, 0), "event.price");
    assertThat(price.drifted()).isTrue();
    assertThat(price.unitChange()).as(price.effect()).isFalse();
    assertThat(price.effect()).doesNotContain("×");
  }

  /** A full window of a column that changes at some row, beside its training rows. */
  private static DriftFinding mixed(
      long seed, ToDoubleFunction<SplittableRandom> law, DoubleUnaryOperator change, int from) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] trained = new double[20_000];
    Arrays.setAll(trained, i -> law.applyAsDouble(random));
    ReferenceProfile reference =
        new ReferenceProfile(
            Map.of("event.x", ReferenceProfile.numeric(trained)),
            ReferenceProfile.numeric(random.doubles(1_000).toArray()),
            0.1,
            0.1);
    InputWindow window = new InputWindow(reference, ROWS, 0.01);
    List<DriftFinding> findings = List.of();
    for (int i = 0; i < 2 * ROWS; i++) {
      double value = law.applyAsDouble(random);
      Map<String, Object> row =
          Map.of("event.x", i < ROWS + from ? value : change.applyAsDouble(value));
      List<DriftFinding> found = window.add(row, random.nextDouble(), i);
      findings = found.isEmpty() ? findings : found;
    }
    return of(findings, "event.x");
  }

  private static double fahrenheit(SplittableRandom random) {
    return 60 + 15 * random.nextGaussian();
  }

  @Test
  void add_unitChangesWithinTheWindow_isNamedInThatWindow() {
    int named = 0;
    int asked = 0;
    for (int seed = 0; seed < 30; seed++) {
      for (int from : new int[] {300, 900, 1_300}) {
        DriftFinding pence = mixed(seed, InputWindowTest::price, x -> 100 * x, from);
        DriftFinding inches = mixed(seed, InputWindowTest::price, x -> 2.54 * x, from);
        DriftFinding celsius =
            mixed(seed, InputWindowTest::fahrenheit, x -> (x - 32) * 5 / 9, from);
        asked += 3;
        named += pence.unitChange() && pence.effect().contains("×100,") ? 1 : 0;
        named += inches.unitChange() && inches.effect().contains("×2.54,") ? 1 : 0;
        named += celsius.unitChange() && celsius.effect().contains("°F→°C,") ? 1 : 0;
      }
    }
    System.out.printf("unit in the window it changed in: %d of %d named%n", named, asked);
    assertThat(named).isGreaterThanOrEqualTo(asked * 97 / 100);
  }

  private static final double[] CONVERSIONS = {
    0.3937, 0.4536, 0.54, 0.6214, 0.9144, 1.0936, 1.609, 1.852, 2.2046, 2.54
  };

  private static double factorOfNoUnit(SplittableRandom random) {
    double factor = Math.exp(1.8 * random.nextDouble() - 0.9);
    boolean near =
        Arrays.stream(CONVERSIONS).anyMatch(each -> Math.abs(Math.log(factor / each)) < 0.08);
    return near ? factorOfNoUnit(random) : factor;
  }

  /** Levels that move by what no conversion is near. */
  @Test
  void add_otherChangesWithinTheWindow_areSeldomNamedAsAUnit() {
    int drifted = 0;
    int named = 0;
    List<String> names = new ArrayList<>();
    for (int seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int from = 100 + random.nextInt(1_300);
      double factor = factorOfNoUnit(random);
      double offset = (8 + 20 * random.nextDouble()) * (random.nextBoolean() ? 1 : -1);
      DriftFinding finding =
          seed % 2 == 0
              ? mixed(seed, InputWindowTest::price, x -> factor * x, from)
              : mixed(seed, InputWindowTest::fahrenheit, x -> x + offset, from);
      drifted += finding.drifted() ? 1 : 0;
      named += finding.unitChange() ? 1 : 0;
      if (finding.unitChange()) {
        names.add("%.2f or %+.1f: %s".formatted(factor, offset, finding.effect()));
      }
    }
    System.out.printf("no unit within a window: %d drifted, %d named %s%n", drifted, named, names);
    assertThat(drifted).isGreaterThan(200);
    assertThat(named).isLessThanOrEqualTo(drifted / 33);
  }

  /**
   * What lies near a conversion is named as one, as it is where a whole window changed; the fewer
   * rows make it little more frequent.
   */
  @Test
  void add_anyChangeWithinTheWindow_isNamedHardlyMoreOftenThanOfAWholeOne() {
    int within = 0;
    int whole = 0;
    for (int seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double factor = Math.exp(2 * random.nextDouble() - 1);
      int from = 100 + random.nextInt(1_300);
      within += mixed(seed, InputWindowTest::price, x -> factor * x, from).unitChange() ? 1 : 0;
      whole += mixed(seed, InputWindowTest::price, x -> factor * x, 0).unitChange() ? 1 : 0;
    }
    System.out.printf("any factor: %d named within a window, %d of whole ones%n", within, whole);
    assertThat(within).isLessThanOrEqualTo(whole * 3 / 2);
  }

  @Test
  void add_otherScores_isPredictionDriftAndNoInputs() {
    SplittableRandom random = new SplittableRandom(2);
    InputWindow window = new InputWindow(reference(7), ROWS, 0.01);
    List<DriftFinding> findings = List.of();
    for (int i = 0; i < ROWS; i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("event.price", price(random));
      row.put("event.category", category(random, 0.5));
      findings = window.add(row, Math.pow(random.nextDouble(), 3), i);
    }

    assertThat(findings)
        .filteredOn(DriftFinding::drifted)
        .extracting(DriftFinding::subject)
        .containsExactly(InputWindow.SCORE);
    assertThat(of(findings, "prediction").kind()).isEqualTo(Kind.PREDICTION);
    assertThat(of(findings, "prediction").unitChange()).isFalse();
  }

  @Test
  void add_otherShares_isDriftOfTheCategoryOnly() {
    List<DriftFinding> findings = window(1, x -> x, 0.9, 0);
    assertThat(of(findings, "event.category").drifted()).isTrue();
    assertThat(of(findings, "event.category").unitChange()).isFalse();
    assertThat(of(findings, "event.price").drifted()).isFalse();
  }

  /** Training rows of four days, and a window of ten hours that begins at some hour. */
  private static DriftFinding hourly(int hour) {
    double[] hours = new double[20_000];
    for (int i = 0; i < hours.length; i++) {
      hours[i] = i * 96 / hours.length % 24;
    }
    ReferenceProfile written =
        new ReferenceProfile(
            Map.of("event.hour", ReferenceProfile.numeric(hours)),
            ReferenceProfile.numeric(new double[] {0.2, 0.4}),
            0.1,
            0.1);
    ReferenceProfile reference =
        Json.mapper().readValue(Json.mapper().writeValueAsBytes(written), ReferenceProfile.class);
    InputWindow window = new InputWindow(reference, ROWS, 0.01);
    List<DriftFinding> findings = List.of();
    for (int i = 0; i < ROWS; i++) {
      findings = window.add(Map.of("event.hour", Math.floor(hour + 9.6 * i / ROWS) % 24), 0.3, i);
    }
    return of(findings, "event.hour");
  }

  @Test
  void add_timeOfDayAsInTraining_isNoDriftThoughUnlikeTheWholeDay() {
    for (int hour = 0; hour < 24; hour++) {
      DriftFinding finding = hourly(hour);
      assertThat(finding.drifted()).as("%d h: %s", hour, finding.effect()).isFalse();
      assertThat(finding.statistic()).isGreaterThan(InputWindow.PSI_LEAST);
    }
  }

  @Test
  void add_halfMissing_isDrift() {
    assertThat(of(window(1, x -> x, 0.5, 0.5), "event.price").drifted()).isTrue();
  }
}
