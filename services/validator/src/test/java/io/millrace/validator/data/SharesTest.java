// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class SharesTest {
  /** By hand: p = 0.5, n = 100, z = 2.5758: (0.533175 − 0.132995) / 1.066349. */
  @Test
  void atLeast_fiftyOfHundred_isWilsonsLowerEnd() {
    assertThat(Shares.atLeast(50, 100)).isCloseTo(0.375280, within(1e-5));
  }

  @Test
  void atLeast_noneOrNothing_isZero() {
    assertThat(Shares.atLeast(0, 1000)).isZero();
    assertThat(Shares.atLeast(0, 0)).isZero();
  }

  @Test
  void atLeast_allOfFew_claimsLessThanAllOfMany() {
    assertThat(Shares.atLeast(3, 3)).isLessThan(0.35);
    assertThat(Shares.atLeast(3000, 3000)).isGreaterThan(0.99);
  }

  @Test
  void percent_smallShare_keepsDigits() {
    assertThat(Shares.percent(0.00001)).isEqualTo("<0.01 %");
    assertThat(Shares.percent(0.004)).isEqualTo("0.40 %");
    assertThat(Shares.percent(0.25)).isEqualTo("25.0 %");
  }
}
