// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.bench.stats.YarnitStream.Shop;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class YarnitStreamTest {
  private static final int STREAMS = 8;
  private static final int BLOCK = 2_500;
  private static final int BLOCKS = YarnitStream.QUIET / BLOCK;

  /** Chi-squared over its degrees of freedom has the variance 2 over them. */
  private static final double TOLERANCE = 5 * Math.sqrt(2.0 / (BLOCKS - 1) / STREAMS);

  @Test
  void shiftOfTaste_atOneMoment_quietErrorsAreOfOneRate() {
    assertThat(dispersion(Shop.AT_ONE_MOMENT)).isCloseTo(1, within(TOLERANCE));
  }

  /** That the measurement would have seen it. */
  @Test
  void shiftOfTaste_asItComes_quietErrorsAreNot() {
    assertThat(dispersion(Shop.AS_IT_COMES)).isGreaterThan(1 + 2 * TOLERANCE);
  }

  @Test
  void shiftOfTaste_atOneMoment_theErrorsRiseWithIt() {
    OutcomeStream stream = YarnitStream.shiftOfTaste(Shop.AT_ONE_MOMENT, 1);
    assertThat(errorRate(stream.changed())).isGreaterThan(errorRate(stream.quiet()) + 0.1);
    OutcomeStream pence = YarnitStream.priceInPence(Shop.AT_ONE_MOMENT, 1);
    double deviation = Math.sqrt(0.25 / YarnitStream.CHANGED);
    assertThat(errorRate(pence.changed()))
        .isCloseTo(errorRate(pence.quiet()), within(5 * deviation));
  }

  /** Blocks of one error rate each, of which the dispersion is known by hand. */
  @Test
  void steadiness_twoBlocksOfDifferentRates_byHand() {
    List<Outcome> outcomes = Stream.concat(errors(10, 2).stream(), errors(10, 6).stream()).toList();
    // Mean 0.4, squares 2 · 0.2², so 0.08 · 10 / 0.24.
    assertThat(Steadiness.of(outcomes, 10))
        .satisfies(
            found -> {
              assertThat(found.least()).isEqualTo(0.2);
              assertThat(found.most()).isEqualTo(0.6);
              assertThat(found.dispersion()).isCloseTo(0.8 / 0.24, within(1e-9));
            });
  }

  private static List<Outcome> errors(int rows, int wrong) {
    return IntStream.range(0, rows).mapToObj(i -> new Outcome(1, i >= wrong, Map.of())).toList();
  }

  private static double dispersion(Shop shop) {
    return LongStream.range(0, STREAMS)
        .parallel()
        .mapToObj(seed -> YarnitStream.shiftOfTaste(shop, seed))
        .mapToDouble(stream -> Steadiness.of(stream.quiet(), BLOCK).dispersion())
        .average()
        .orElseThrow();
  }

  private static double errorRate(List<Outcome> outcomes) {
    return (double) outcomes.stream().filter(Outcome::isWrong).count() / outcomes.size();
  }
}
