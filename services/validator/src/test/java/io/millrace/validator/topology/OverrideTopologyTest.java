// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.contract.Event;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** People answer for findings: of one span, of all, up to a share. */
final class OverrideTopologyTest {
  private static final int ROWS = 200;

  /** Seven hours; in the fourth and the fifth a tenth of the rows breaks the rule. */
  private static Map<Integer, DataVerdict> judged(String overrides) {
    try (ShopSpans shop = sevenHours(overrides)) {
      return shop.verdicts();
    }
  }

  private static ShopSpans sevenHours(String overrides) {
    ShopSpans shop = new ShopSpans(Shop.definition("shop", "1h", overrides), 0);
    for (int hour = 0; hour < 7; hour++) {
      boolean fair = hour == 3 || hour == 4;
      shop.send(fair ? fair(shop.hour(hour, ROWS)) : shop.hour(hour, ROWS));
    }
    return shop;
  }

  private static List<Event> fair(List<Event> events) {
    for (int i = 0; i < events.size(); i += 10) {
      events.set(i, Shop.with(events.get(i), "price", 200_000.0));
    }
    return events;
  }

  private static Anomaly rule(DataVerdict verdict) {
    return verdict.anomalies().stream()
        .filter(each -> each.kind().equals("RULE"))
        .findFirst()
        .orElseThrow();
  }

  private static String override(String more) {
    return "{\"kind\": \"RULE\", \"by\": \"ada\", \"reason\": \"a fair\"%s}".formatted(more);
  }

  private static final String OTHERS =
      """
      , {"kind": "FLOAT_TYPE_BIG_FLOAT", "severity": "WARNING", "by": "ada", "reason": "a fair"},
        {"kind": "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH", "severity": "WARNING", "by": "ada",
         "reason": "a fair"},
        {"kind": "UNIT_CHANGE", "severity": "WARNING", "by": "ada", "reason": "a fair"}\
      """;

  @Test
  void noOverride_bothSpansAreBad() {
    Map<Integer, DataVerdict> verdicts = judged("");
    assertThat(verdicts.get(3).status()).isEqualTo(Status.BAD);
    assertThat(verdicts.get(4).status()).isEqualTo(Status.BAD);
    assertThat(rule(verdicts.get(3)).severity()).isEqualTo("ERROR");
  }

  @Test
  void overrideOfOneSpan_letsExactlyThatSpanPassAndSaysWhoAndWhy() {
    String span = "\"span\": \"1970-01-01T03:00:00Z\"";
    String others = OTHERS.replace("\"by\"", span + ", \"by\"");
    Map<Integer, DataVerdict> verdicts =
        judged(override(", \"severity\": \"MUTED\", " + span) + others);
    assertThat(verdicts.get(3).status())
        .as("%s", verdicts.get(3).anomalies())
        .isEqualTo(Status.GOOD);
    assertThat(rule(verdicts.get(3)).severity()).isEqualTo("MUTED");
    assertThat(rule(verdicts.get(3)).message()).contains("ada", "a fair", "not ERROR");
    assertThat(verdicts.get(4).status()).as("the next one stops again").isEqualTo(Status.BAD);
    assertThat(verdicts.get(5).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void lastingOverride_holdsUpToItsShare() {
    String within = override(", \"severity\": \"WARNING\", \"rule\": \"sane\", \"mostShare\": 0.2");
    assertThat(judged(within + OTHERS).values())
        .allSatisfy(
            each -> assertThat(each.status()).as("%s", each.anomalies()).isEqualTo(Status.GOOD));
    String beyond = override(", \"severity\": \"WARNING\", \"mostShare\": 0.05");
    assertThat(judged(beyond + OTHERS).get(3).status()).isEqualTo(Status.BAD);
    String stricter =
        "{\"kind\": \"DATASET_LOW_NUM_EXAMPLES\", \"severity\": \"ERROR\", \"by\": \"ada\","
            + " \"reason\": \"strict\", \"event\": \"buy\"}";
    assertThat(judged(stricter).get(2).status()).as("of another event").isEqualTo(Status.GOOD);
  }

  @Test
  void overrideOfOneSpan_takenBack_isRecalledForThatSpan() {
    String span = "\"span\": \"1970-01-01T03:00:00Z\"";
    String others = OTHERS.replace("\"by\"", span + ", \"by\"");
    try (ShopSpans with = sevenHours(override(", \"severity\": \"MUTED\", " + span) + others)) {
      assertThat(with.verdicts().get(3).status()).isEqualTo(Status.GOOD);
      try (ShopSpans without = with.applied(Shop.definition("shop", "1h"))) {
        Map<Integer, DataVerdict> told = without.verdicts();
        assertThat(told).containsOnlyKeys(3);
        assertThat(told.get(3).status()).isEqualTo(Status.BAD);
        assertThat(rule(told.get(3)).severity()).isEqualTo("ERROR");
        assertThat(rule(told.get(3)).message()).doesNotContain("ada");
        assertThat(rule(told.get(3)).overridden()).isNull();
      }
    }
  }

  @Test
  void lastingOverride_takenBack_isRecalledForEverySpanAndIsNoStandardAnyMore() {
    String lasting = override(", \"severity\": \"WARNING\"") + OTHERS;
    try (ShopSpans with = sevenHours(lasting)) {
      Map<Integer, DataVerdict> before = with.verdicts();
      assertThat(before.get(3).status()).isEqualTo(Status.GOOD);
      assertThat(before.get(4).status()).isEqualTo(Status.GOOD);
      try (ShopSpans without = with.applied(Shop.definition("shop", "1h"))) {
        Map<Integer, DataVerdict> told = without.verdicts();
        assertThat(told.get(3).status()).isEqualTo(Status.BAD);
        assertThat(told.get(4).status()).isEqualTo(Status.BAD);
        without.send(fair(without.hour(7, ROWS)));
        without.send(without.hour(8, ROWS));
        without.send(without.hour(9, ROWS));
        Map<Integer, DataVerdict> later = without.verdicts();
        assertThat(later.get(7).status()).isEqualTo(Status.BAD);
        assertThat(later.get(8).status()).isEqualTo(Status.GOOD);
      }
    }
  }

  @Test
  void override_thatStands_orIsSaidByAnother_isKeptAndToldAnewWhereItsWordsChange() {
    String lasting = override(", \"severity\": \"WARNING\"") + OTHERS;
    try (ShopSpans with = sevenHours(lasting)) {
      with.verdicts();
      try (ShopSpans same = with.applied(Shop.definition("shop", "1h", lasting))) {
        assertThat(same.verdicts()).isEmpty();
      }
      String bobs = lasting.replace("ada", "bob");
      try (ShopSpans other = with.applied(Shop.definition("shop", "1h", bobs))) {
        DataVerdict verdict = other.verdicts().get(3);
        assertThat(verdict.status()).isEqualTo(Status.GOOD);
        assertThat(rule(verdict).message()).contains("bob", "not ERROR").doesNotContain("ada");
        assertThat(rule(verdict).overridden())
            .satisfies(each -> assertThat(each.severity()).isEqualTo("ERROR"));
      }
    }
  }
}
