// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.serde.Json;
import org.junit.jupiter.api.Test;

class LatestBySpanTest {
  private final LatestBySpan<DataVerdict> latest = new LatestBySpan<>(3);

  private static DataVerdict verdict(String event, long start, Status status) {
    return AllowedSpansTest.verdict(event, start, start + 10, status);
  }

  @Test
  void take_anotherOfTheSameSpan_replacesItAndIsTheLast() {
    DataVerdict first = verdict("a", 0, Status.GOOD);
    DataVerdict other = verdict("b", 0, Status.GOOD);
    DataVerdict again = verdict("a", 0, Status.BAD);
    assertThat(latest.take(first)).isEqualTo(new LatestBySpan.Taken<>(null, null));
    latest.take(other);
    assertThat(latest.take(again)).isEqualTo(new LatestBySpan.Taken<>(first, null));
    assertThat(latest.all()).containsExactly(other, again);
    assertThat(latest.find("a", "s0")).contains(again);
    assertThat(latest.find("a", "s1")).isEmpty();
    assertThat(latest.events()).containsExactly("b", "a");
  }

  @Test
  void take_moreThanAreKept_forgetsTheOneThatCameFirst() {
    DataVerdict first = verdict("a", 50, Status.GOOD);
    latest.take(first);
    latest.take(verdict("a", 10, Status.GOOD));
    latest.take(verdict("a", 20, Status.GOOD));
    assertThat(latest.take(verdict("a", 30, Status.GOOD)).forgotten()).isEqualTo(first);
    assertThat(latest.all()).extracting(DataVerdict::startMs).containsExactly(10L, 20L, 30L);
    assertThatThrownBy(() -> new LatestBySpan<DataVerdict>(0)).hasMessageContaining("at least one");
  }

  @Test
  void newest_isTheOneThatEndsLastAmongThoseThatCount() {
    DataVerdict good = verdict("a", 0, Status.GOOD);
    DataVerdict bad = verdict("a", 20, Status.BAD);
    latest.take(bad);
    latest.take(good);
    latest.take(verdict("b", 40, Status.GOOD));
    assertThat(latest.newest("a", any -> true)).contains(bad);
    assertThat(latest.newest("a", each -> each.status() == Status.GOOD)).contains(good);
    assertThat(latest.newest("c", any -> true)).isEmpty();
  }

  @Test
  void verdict_asJson_isNothingMoreThanItsParts() {
    DataVerdict verdict = verdict("a", 0, Status.GOOD);
    byte[] json = Json.mapper().writeValueAsBytes(verdict);
    assertThat(Json.mapper().readValue(json, DataVerdict.class)).isEqualTo(verdict);
  }
}
