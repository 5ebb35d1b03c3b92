// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.testkit.sketch.RepeatableSketches;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bytes of earlier versions, damaged bytes, and counts at the end of their range. */
@ExtendWith(RepeatableSketches.class)
class ProfileBytesTest {

  /** Written before the quantile sketch got twice its accuracy (k = 200 then). */
  private static byte[] written() throws IOException {
    try (InputStream in = ProfileBytesTest.class.getResourceAsStream("column-format-2.bin")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  @Test
  void fromBytes_columnOfAnEarlierVersion_readAndMergedWithOneOfToday() throws IOException {
    ColumnProfile old = ColumnProfile.fromBytes(written());
    ProfileSummary s = old.summary();
    assertThat(List.of(s.rows(), s.missing(), s.values(), s.numbers(), s.strings(), s.trues()))
        .containsExactly(6103L, 100L, 6004L, 5001L, 1001L, 1L);
    assertThat(s.mean()).isCloseTo(312.37532493501453, within(1e-9));
    assertThat(s.heavyHitters().getFirst()).isEqualTo(new HeavyHitter("word 0", 143, 143, 143));
    double error = old.rankError();
    assertThat(old.quantile(0.5)).isCloseTo(312.5, within(2 * error * 625));

    ColumnProfile fresh = new ColumnProfile();
    for (int i = 0; i < 50_000; i++) {
      fresh.update(i * 7919 % 50_000 / 80.0);
    }
    assertThat(fresh.rankError()).isLessThan(0.6 * error);
    ColumnProfile intoNew = fresh.copy();
    intoNew.merge(old);
    old.merge(fresh);
    for (ColumnProfile both : List.of(intoNew, old)) {
      assertThat(both.numbers()).isEqualTo(55_001);
      assertThat(both.rankError()).isEqualTo(error); // a chain is as strong as its weakest part
      assertThat(both.quantile(0.5)).isCloseTo(312.5, within(2 * error * 625));
      assertThat(ColumnProfile.fromBytes(both.toBytes()).summary()).isEqualTo(both.summary());
    }
  }

  /** Sketches believe their bytes; a checksum does not. */
  @Test
  void fromBytes_anyBitFlipped_refused() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    byte[] good = ColumnProfile.fromBytes(written()).toBytes();
    assertThat(ColumnProfile.fromBytes(good).toBytes()).hasSameSizeAs(good);
    for (int run = 0; run < 2_000; run++) {
      byte[] bytes = good.clone();
      int at = 1 + random.nextInt(run % 2 == 0 ? bytes.length - 1 : 200);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> ColumnProfile.fromBytes(bytes))
          .as("byte %d", at)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void counts_beyondALong_refusedWithNothingChanged() {
    ColumnProfile full = new ColumnProfile();
    full.updateMissing(Long.MAX_VALUE - 1);
    full.update(1.0);
    ProfileSummary before = full.summary();
    assertThatThrownBy(() -> full.updateMissing(1)).isInstanceOf(ArithmeticException.class);
    ColumnProfile one = new ColumnProfile();
    one.update(2.0);
    assertThatThrownBy(() -> full.merge(one)).isInstanceOf(ArithmeticException.class);
    assertThat(full.summary()).isEqualTo(before);
    assertThat(one.summary().max()).isEqualTo(2.0);
    ColumnProfile restored = ColumnProfile.fromBytes(full.toBytes());
    assertThat(restored.rows()).isEqualTo(Long.MAX_VALUE);
  }
}
