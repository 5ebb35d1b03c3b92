// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.retraining;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LabelledMomentsTest {
  private static long count(List<Long> moments, Interval interval) {
    return moments.stream()
        .filter(each -> each >= interval.fromMs() && each < interval.toMs())
        .count();
  }

  @Test
  void within_fewMoments_isExact() {
    LabelledMoments moments = new LabelledMoments(1_000);
    List<Long> all = new ArrayList<>();
    new SplittableRandom(3)
        .longs(20_000, -5_000_000_000L, 5_000_000_000L)
        .forEach(
            each -> {
              all.add(each);
              moments.add(each);
            });
    Interval one = new Interval(-4_000_000_001L, -17);
    Interval other = new Interval(3, 2_000_000_007L);
    assertThat(moments.within(List.of(one, other))).isEqualTo(count(all, one) + count(all, other));
    assertThat(moments.within(List.of(new Interval(Long.MIN_VALUE, Long.MAX_VALUE))))
        .isEqualTo(20_000);
  }

  @Test
  void within_moreMomentsThanBuckets_isAtMostALittleTooSmall() {
    LabelledMoments moments = new LabelledMoments(100_000);
    int labels = 300_000;
    for (int i = 0; i < labels; i++) {
      moments.add(i * 1_000L);
    }
    Interval half = new Interval(10_001_500, 160_001_500);
    // Sixteen neighbours may share a bucket; one at each end is left out.
    assertThat(moments.within(List.of(half))).isBetween(150_000L - 2 * 16, 150_000L);
    assertThat(moments.within(List.of(new Interval(5_001, 5_003)))).isZero();
  }

  @Test
  void add_farMoreThanAskedFor_keepsTheNewest() {
    LabelledMoments moments = new LabelledMoments(100);
    int labels = 200_000;
    for (int i = 0; i < labels; i++) {
      moments.add(i);
    }
    assertThat(moments.within(List.of(new Interval(0, labels))))
        .isEqualTo(LabelledMoments.BUCKETS_MAX);
    assertThat(moments.within(List.of(new Interval(labels - 100, labels)))).isEqualTo(100);
  }
}
