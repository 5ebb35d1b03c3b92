// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.stats.Seeds;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(RepeatableSketches.class)
class UnitChangeTest {

  private static ColumnProfile column(
      long seed, int size, ToDoubleFunction<RandomGenerator> draw, DoubleUnaryOperator unit) {
    RandomGenerator random = new SplittableRandom(seed);
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < size; i++) {
      column.update(unit.applyAsDouble(draw.applyAsDouble(random)));
    }
    return column;
  }

  private static double height(RandomGenerator random) {
    return 68 + 4 * random.nextGaussian();
  }

  @ParameterizedTest
  @CsvSource({
    "×2.54, 2.54, 0",
    "×100, 100, 0",
    "÷1000, 0.001, 0",
    "×12, 12, 0",
    "°F→°C, 0.5555555555, -17.7777777777",
    "°C→°F, 1.8, 32",
    "°C→K, 1, 273.15",
  })
  void detect_knownConversions_named(String name, double factor, double offset) {
    ColumnProfile reference = column(1, 3000, UnitChangeTest::height, x -> x);
    ColumnProfile current = column(2, 2000, UnitChangeTest::height, x -> factor * x + offset);
    assertThat(UnitChange.detect(reference, current))
        .hasValueSatisfying(
            change -> {
              assertThat(change.name()).isEqualTo(name);
              assertThat(change.known()).isTrue();
              assertThat(change.factor()).isCloseTo(factor, Offset.offset(1e-6));
              assertThat(change.offset()).isCloseTo(offset, Offset.offset(1e-6));
              assertThat(change.residual()).isLessThan(change.gap() / 4);
            });
  }

  /** Whole years that become months, and whole °F that become °C with one decimal. */
  @Test
  void detect_roundedValues_stillNamed() {
    ToDoubleFunction<RandomGenerator> age = random -> Math.floor(20 + 50 * random.nextDouble());
    assertThat(UnitChange.detect(column(1, 5000, age, x -> x), column(2, 5000, age, x -> x * 12)))
        .hasValueSatisfying(
            change -> {
              assertThat(change.name()).isEqualTo("×12");
              assertThat(change.factor()).isCloseTo(12, Offset.offset(0.1));
            });
    ToDoubleFunction<RandomGenerator> heat = random -> Math.rint(60 + 12 * random.nextGaussian());
    assertThat(
            UnitChange.detect(
                column(3, 5000, heat, x -> x),
                column(4, 5000, heat, x -> Math.rint((x - 32) * 50 / 9) / 10)))
        .hasValueSatisfying(change -> assertThat(change.name()).isEqualTo("°F→°C"));
  }

  @Test
  void detect_skewedPrices_factorNamed() {
    ToDoubleFunction<RandomGenerator> price = random -> Math.exp(random.nextGaussian() + 2);
    assertThat(
            UnitChange.detect(
                column(1, 20_000, price, x -> x), column(2, 20_000, price, x -> x * 100)))
        .hasValueSatisfying(change -> assertThat(change.name()).isEqualTo("×100"));
  }

  @Test
  void detect_oddFactor_fittedButNotKnown() {
    ColumnProfile reference = column(1, 3000, UnitChangeTest::height, x -> x);
    ColumnProfile current = column(2, 3000, UnitChangeTest::height, x -> x * 1.37);
    assertThat(UnitChange.detect(reference, current))
        .hasValueSatisfying(
            change -> {
              assertThat(change.known()).isFalse();
              assertThat(change.factor()).isCloseTo(1.37, Offset.offset(0.01));
            });
  }

  @Test
  void detect_noChangeOrAnotherShape_empty() {
    ColumnProfile reference = column(1, 3000, UnitChangeTest::height, x -> x);
    assertThat(UnitChange.detect(reference, column(2, 3000, UnitChangeTest::height, x -> x)))
        .isEmpty();
    ColumnProfile other = column(3, 3000, RandomGenerator::nextDouble, x -> x * x * 500);
    assertThat(UnitChange.detect(reference, other)).isEmpty();
    assertThat(UnitChange.detect(reference, new ColumnProfile())).isEmpty();
    ColumnProfile constant = column(4, 100, random -> 5, x -> x);
    assertThat(UnitChange.detect(constant, reference)).isEmpty();
  }

  /** A thermometer whose maker's scale nobody knows. */
  @Test
  void detect_oddLine_fittedButNotKnown() {
    ColumnProfile reference = column(1, 3000, UnitChangeTest::height, x -> x);
    ColumnProfile current = column(2, 3000, UnitChangeTest::height, x -> 1.37 * x - 55);
    assertThat(UnitChange.detect(reference, current))
        .hasValueSatisfying(
            change -> {
              assertThat(change.known()).isFalse();
              assertThat(change.factor()).isCloseTo(1.37, Offset.offset(0.05));
              assertThat(change.offset()).isCloseTo(-55, Offset.offset(4.0));
              assertThat(change.pValue()).isGreaterThan(0.01);
              assertThat(change.rivals()).isZero();
            });
  }

  /** Among 400 widely spread values a thousand and 1,024 look alike. */
  @Test
  void detect_fewValuesOfWideSpread_rivalsCounted() {
    ToDoubleFunction<RandomGenerator> amount = random -> Math.exp(2 * random.nextGaussian());
    ColumnProfile reference = column(1, 400, amount, x -> x);
    assertThat(UnitChange.detect(reference, column(2, 400, amount, x -> x * 1000)))
        .hasValueSatisfying(
            change -> {
              assertThat(change.name()).isIn("×1000", "×1024");
              assertThat(change.rivals()).isPositive();
            });
    assertThat(
            UnitChange.detect(
                column(1, 3000, UnitChangeTest::height, x -> x),
                column(2, 3000, UnitChangeTest::height, x -> x * 100)))
        .hasValueSatisfying(change -> assertThat(change.rivals()).isZero());
  }

  @Test
  void detect_unchangedWindows_neverAUnit() {
    int[] alarms = new int[1];
    Seeds.each(
        1_000,
        (seed, random) -> {
          int size = 50 + random.nextInt(400);
          ToDoubleFunction<RandomGenerator> draw =
              seed % 2 == 0 ? UnitChangeTest::height : each -> Math.exp(each.nextGaussian());
          ColumnProfile reference = column(2 * seed, size, draw, x -> x);
          ColumnProfile current = column(2 * seed + 1, size, draw, x -> x);
          alarms[0] += UnitChange.detect(reference, current).isPresent() ? 1 : 0;
        });
    assertThat(alarms[0]).isZero();
  }

  /**
   * Levels that move by any factor between a third and the triple: named where near a unit only.
   */
  @Test
  void detect_ordinaryChangesOfLevel_passForACustomaryUnitOnlyNearOne() {
    int[] wrong = new int[2];
    int pairs = 500;
    Seeds.each(
        pairs,
        (seed, random) -> {
          double factor = Math.exp((2 * random.nextDouble() - 1) * Math.log(3));
          ColumnProfile reference = column(2 * seed, 1_000, UnitChangeTest::height, x -> x);
          ColumnProfile current =
              column(2 * seed + 1, 1_000, UnitChangeTest::height, x -> x * factor);
          UnitChange.detect(reference, current)
              .filter(UnitChange::known)
              .ifPresent(change -> wrong[Math.abs(change.factor() / factor - 1) < 0.02 ? 0 : 1]++);
        });
    System.out.printf(
        "unit names: %d near the factor, %d far from it, of %d%n", wrong[0], wrong[1], pairs);
    assertThat(wrong[1]).isLessThanOrEqualTo(pairs / 100);
    // Nine customary factors lie in that range, each with its two per cent on either side.
    assertThat(wrong[0]).isLessThanOrEqualTo(pairs / 6);
  }
}
