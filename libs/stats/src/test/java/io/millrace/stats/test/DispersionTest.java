// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.testkit.sketch.RepeatableSketches;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(RepeatableSketches.class)
class DispersionTest {
  private static final double LEVEL = 0.05;

  /** Rows in groups of equal ones; one in ten groups has no value. */
  private static ColumnProfile grouped(RandomGenerator random, int rows, int group) {
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < rows; i += group) {
      boolean missing = random.nextInt(10) == 0;
      String word = "w" + (int) (5 * Math.pow(random.nextDouble(), 1.5));
      for (int j = 0; j < group; j++) {
        column.update(missing ? null : word);
      }
    }
    return column;
  }

  /** F(3, 10) is 3.708 at the level of 5 % in every printed table. */
  @Test
  void exceeds_byThePrintedTableOfF() {
    List<Dispersion> usual = List.of(new Dispersion(9, 4), new Dispersion(11, 6));
    assertThat(new Dispersion(3 * 2 * 3.70, 3).exceeds(usual, LEVEL)).isFalse();
    assertThat(new Dispersion(3 * 2 * 3.72, 3).exceeds(usual, LEVEL)).isTrue();
  }

  @Test
  void exceeds_usualBelowIndependentRows_countsAsThese() {
    List<Dispersion> usual = List.of(new Dispersion(0, 10));
    assertThat(new Dispersion(3 * 3.70, 3).exceeds(usual, LEVEL)).isFalse();
    assertThat(new Dispersion(3 * 3.72, 3).exceeds(usual, LEVEL)).isTrue();
  }

  @Test
  void exceeds_nothingKnownOrNothingToCompare_neverDoes() {
    assertThat(new Dispersion(1e9, 3).exceeds(List.of(), LEVEL)).isFalse();
    assertThat(new Dispersion(1e9, 3).exceeds(List.of(Dispersion.NONE), LEVEL)).isFalse();
    assertThat(Dispersion.NONE.exceeds(List.of(new Dispersion(1, 1)), LEVEL)).isFalse();
    assertThat(Dispersion.ofValues(new ColumnProfile(), new ColumnProfile()))
        .isEqualTo(Dispersion.NONE);
    assertThat(Dispersion.ofClasses(new ColumnProfile(), new ColumnProfile()))
        .isEqualTo(Dispersion.NONE);
    assertThatThrownBy(() -> new Dispersion(Double.NaN, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static ColumnProfile flags(int rows, int others) {
    ColumnProfile column = new ColumnProfile();
    for (int i = 0; i < rows; i++) {
      column.update(i < others ? "other" : "same");
    }
    return column;
  }

  /** What never varied is known not to. */
  @Test
  void exceeds_columnThatWasConstant_doesWhenItIsNotAnyMore() {
    List<Dispersion> usual = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      usual.add(Dispersion.ofValues(flags(1_000, 0), flags(200, 0)));
    }
    assertThat(usual).containsOnly(new Dispersion(0, 1));
    Dispersion next = Dispersion.ofValues(flags(1_000, 0), flags(200, 80));
    assertThat(next.exceeds(usual, 0.001)).isTrue();
  }

  /** Rows in groups of g equal ones are as good as every g-th of them: the quotient is g. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 10})
  void of_rowsInGroups_isTheirSize(int group) {
    RandomGenerator random = new SplittableRandom(7);
    double values = 0;
    double classes = 0;
    int runs = 400;
    for (int run = 0; run < runs; run++) {
      ColumnProfile reference = grouped(random, 4_000, group);
      ColumnProfile current = grouped(random, 2_000, group);
      Dispersion ofValues = Dispersion.ofValues(reference, current);
      Dispersion ofClasses = Dispersion.ofClasses(reference, current);
      assertThat(ofValues.freedom()).isEqualTo(4);
      assertThat(ofClasses.freedom()).isEqualTo(1);
      values += ofValues.statistic() / ofValues.freedom() / runs;
      classes += ofClasses.statistic() / runs;
    }
    assertThat(values).isCloseTo(group, within(0.15 * group));
    assertThat(classes).isCloseTo(group, within(0.3 * group));
  }

  /** Where ten windows are known, the next one is called unusual as often as asked for. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 10})
  void exceeds_anotherWindowOfTheSame_atMostAtTheLevel(int group) {
    RandomGenerator random = new SplittableRandom(8);
    int alarms = 0;
    int runs = 1_000;
    for (int run = 0; run < runs; run++) {
      ColumnProfile reference = grouped(random, 8_000, group);
      List<Dispersion> usual = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        usual.add(Dispersion.ofValues(reference, grouped(random, 1_000, group)));
      }
      Dispersion next = Dispersion.ofValues(reference, grouped(random, 1_000, group));
      alarms += next.exceeds(usual, LEVEL) ? 1 : 0;
    }
    System.out.printf("unusual, rows in groups of %d: %.3f%n", group, alarms / (double) runs);
    assertThat(alarms / (double) runs)
        .isLessThanOrEqualTo(LEVEL + 3 * Math.sqrt(LEVEL * (1 - LEVEL) / runs));
  }
}
