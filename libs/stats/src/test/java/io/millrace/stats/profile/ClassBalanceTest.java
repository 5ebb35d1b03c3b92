// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ClassBalanceTest {
  private static final int MOST = 100;

  private static ColumnProfile messages(int ham, int spam) {
    ColumnProfile profile = new ColumnProfile();
    for (int i = 0; i < ham; i++) {
      profile.update("ham");
    }
    for (int i = 0; i < spam; i++) {
      profile.update("spam");
    }
    return profile;
  }

  @Test
  void of_statisticsThatWereStoredAndMerged_givesCountsShareAndRatioWithoutARow() {
    byte[] morning = messages(4_000, 47).toBytes();
    byte[] evening = messages(827, 700).toBytes();
    ColumnProfile day = ColumnProfile.fromBytes(morning);
    day.merge(ColumnProfile.fromBytes(evening));

    ClassBalance balance = ClassBalance.of(day, MOST).orElseThrow();

    assertThat(balance.counts()).isEqualTo(Map.of("ham", 4_827L, "spam", 747L));
    assertThat(balance.rows()).isEqualTo(5_574);
    assertThat(balance.share("spam")).isEqualTo(747 / 5_574.0).isCloseTo(0.134, within(0.0005));
    assertThat(balance.ratio()).isCloseTo(6.46, within(0.005));
  }

  @Test
  void of_columnThatIsNoLabel_isEmpty() {
    ColumnProfile amounts = new ColumnProfile();
    for (int i = 0; i <= MOST; i++) {
      amounts.update((double) i);
    }
    assertThat(ClassBalance.of(amounts, MOST)).isEmpty();
    ColumnProfile names = new ColumnProfile();
    for (int i = 0; i < 5_000; i++) {
      names.update("customer " + i);
    }
    assertThat(ClassBalance.of(names, MOST)).isEmpty();
    assertThat(ClassBalance.of(new ColumnProfile(), MOST)).isEmpty();
    ColumnProfile hundred = new ColumnProfile();
    for (int i = 0; i < MOST; i++) {
      hundred.update((double) i);
    }
    assertThat(ClassBalance.of(hundred, MOST)).get().extracting(ClassBalance::rows).isEqualTo(100L);
  }

  @Test
  void ratio_oneClassOrAnEmptyOne_cannotBeTold() {
    assertThat(new ClassBalance(Map.of("1", 7L)).ratio()).isNull();
    assertThat(new ClassBalance(Map.of("0", 7L, "1", 0L)).ratio()).isNull();
    assertThat(new ClassBalance(Map.of("0", 7L, "1", 7L)).ratio()).isEqualTo(1);
    assertThat(new ClassBalance(Map.of("a", 8L, "b", 2L, "c", 4L)).ratio()).isEqualTo(4);
    assertThat(new ClassBalance(Map.of("a", 8L)).share("b")).isZero();
    assertThatThrownBy(() -> new ClassBalance(Map.of())).hasMessageContaining("classes need rows");
    assertThatThrownBy(() -> new ClassBalance(Map.of("a", -1L, "b", 2L)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
