// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict.Status;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AllowedSpansTest {
  static DataVerdict verdict(String event, long start, long end, Status status) {
    return new DataVerdict(
        "shop", event, "s" + start, start, end, 10, status, 1, List.of(), Map.of(), 0);
  }

  @Test
  void of_neighbours_areOneInterval() {
    AllowedSpans spans =
        AllowedSpans.of(
            List.of(verdict("a", 10, 20, Status.GOOD), verdict("a", 0, 10, Status.GOOD)),
            "a",
            null,
            null);
    assertThat(spans.intervals()).containsExactly(new Interval(0, 20));
    assertThat(spans.good()).isEqualTo(2);
  }

  @Test
  void of_badSpanOfAnyEvent_isCutOut() {
    AllowedSpans spans =
        AllowedSpans.of(
            List.of(
                verdict("a", 0, 10, Status.GOOD),
                verdict("a", 10, 20, Status.BAD),
                verdict("a", 20, 30, Status.GOOD),
                verdict("b", 22, 25, Status.BAD),
                verdict("b", 0, 10, Status.GOOD)),
            "a",
            null,
            null);
    assertThat(spans.intervals())
        .containsExactly(new Interval(0, 10), new Interval(20, 22), new Interval(25, 30));
    assertThat(spans.bad()).containsExactly("a/s10", "b/s22");
  }

  private static SkewJudged skew(long start, SkewJudged.Status status) {
    return new SkewJudged(
        "shop",
        "a",
        "s" + start,
        start,
        start + 10,
        "d",
        10,
        10,
        10,
        3,
        status,
        List.of("x"),
        List.of(),
        List.of(),
        0);
  }

  @Test
  void of_skewedSpan_isCutOutWhereItIsAsked() {
    List<DataVerdict> verdicts =
        List.of(
            verdict("a", 0, 10, Status.GOOD),
            verdict("a", 10, 20, Status.GOOD),
            verdict("a", 20, 30, Status.GOOD));
    List<SkewJudged> skews =
        List.of(
            skew(0, SkewJudged.Status.ALIKE),
            skew(10, SkewJudged.Status.SKEWED),
            skew(20, SkewJudged.Status.INCONCLUSIVE));
    AllowedSpans without = AllowedSpans.of(verdicts, skews, "a", null, null);
    assertThat(without.intervals()).containsExactly(new Interval(0, 10), new Interval(20, 30));
    assertThat(without.bad()).containsExactly("a/s10 (skewed)");
    assertThat(AllowedSpans.of(verdicts, skews, "a", 20L, null).bad()).isEmpty();
    assertThat(AllowedSpans.of(verdicts, "a", null, null).intervals())
        .containsExactly(new Interval(0, 30));
  }

  @Test
  void of_noVerdict_isNotAllowed() {
    assertThat(
            AllowedSpans.of(List.of(verdict("b", 0, 10, Status.GOOD)), "a", null, null).intervals())
        .isEmpty();
    assertThat(AllowedSpans.of(List.of(), "a", null, null).intervals()).isEmpty();
  }

  @Test
  void of_wantedMoments_areCutToThem() {
    List<DataVerdict> verdicts =
        List.of(verdict("a", 0, 10, Status.GOOD), verdict("a", 40, 50, Status.BAD));
    AllowedSpans spans = AllowedSpans.of(verdicts, "a", 3L, 8L);
    assertThat(spans.intervals()).containsExactly(new Interval(3, 8));
    assertThat(spans.bad()).isEmpty();
    assertThat(AllowedSpans.of(verdicts, "a", 10L, null).intervals()).isEmpty();
  }

  @Test
  void of_overlappingRowSpans_areMerged() {
    AllowedSpans spans =
        AllowedSpans.of(
            List.of(
                verdict("a", 0, 12, Status.GOOD),
                verdict("a", 9, 20, Status.GOOD),
                verdict("b", 11, 14, Status.BAD),
                verdict("b", 13, 15, Status.BAD)),
            "a",
            null,
            null);
    assertThat(spans.intervals()).containsExactly(new Interval(0, 11), new Interval(15, 20));
  }
}
