// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.definition.ApplicationDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A source that falls silent is told by the clock on the wall, once, and taken back. */
final class SilenceTopologyTest {
  private static final String APP = "shop";
  private static final long START = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();
  private static final ApplicationDefinition FRESH =
      Shop.definition(APP, "1h", "", "\"events\": {\"view\": {\"freshness\": \"15m\"}},");

  private ShopSpans shop = new ShopSpans(FRESH, START);

  @AfterEach
  void close() {
    shop.close();
  }

  private List<DataVerdict> after(int minutes) {
    return shop.silences(Duration.ofMinutes(minutes));
  }

  @Test
  void freshness_isOver_isToldOnceAndTakenBackWhenRowsCome() {
    shop.send(shop.hour(0, 10));
    assertThat(after(14)).isEmpty();
    List<DataVerdict> told = after(4);
    assertThat(told)
        .singleElement()
        .satisfies(
            verdict -> {
              assertThat(verdict.span()).isEqualTo("silence");
              assertThat(verdict.status()).isEqualTo(Status.BAD);
              assertThat(verdict.rows()).isZero();
              // How far events have come: nothing is kept out of training by it.
              assertThat(verdict.startMs()).isEqualTo(START + 9 * ShopSpans.HOUR_MS / 10);
              assertThat(verdict.endMs()).isEqualTo(verdict.startMs());
              assertThat(verdict.anomalies())
                  .singleElement()
                  .satisfies(
                      each -> {
                        assertThat(each.kind()).isEqualTo("SOURCE_SILENT");
                        assertThat(each.severity()).isEqualTo("ERROR");
                        assertThat(each.observed()).startsWith("no row for PT16M");
                        assertThat(each.expected()).isEqualTo("a row at least every 15m");
                      });
            });
    assertThat(after(600)).as("once").isEmpty();
    shop.send(shop.hour(1, 10));
    assertThat(after(1))
        .singleElement()
        .satisfies(
            verdict -> {
              assertThat(verdict.status()).isEqualTo(Status.GOOD);
              assertThat(verdict.anomalies()).isEmpty();
            });
    assertThat(after(10)).isEmpty();
    assertThat(after(10)).as("it can fall silent again").hasSize(1);
  }

  /** By this the monitor knows that the two are one outage. */
  @Test
  void outage_itsSilence_reachesOverTheSpansThatItLeftEmpty() {
    shop.send(shop.hour(0, 10));
    DataVerdict silent = after(20).getFirst();
    shop.send(shop.hour(5, 10));
    List<DataVerdict> told = shop.told(Duration.ofMinutes(3));
    DataVerdict heard =
        told.stream().filter(each -> each.span().equals(DataVerdict.SILENCE)).findFirst().get();
    assertThat(told)
        .filteredOn(each -> each.rows() == 0 && each.startMs() < each.endMs())
        .singleElement()
        .satisfies(
            gap -> {
              assertThat(gap.startMs()).isEqualTo(START + ShopSpans.HOUR_MS);
              assertThat(gap.endMs()).isEqualTo(START + 5 * ShopSpans.HOUR_MS);
              assertThat(silent.startMs()).isLessThanOrEqualTo(gap.startMs());
              assertThat(heard.startMs()).isGreaterThanOrEqualTo(gap.endMs());
            });
  }

  @Test
  void restart_whileSilent_isNotToldAgainAndTakenBackAllTheSame() {
    shop.send(shop.hour(0, 10));
    assertThat(after(20)).hasSize(1);
    shop = shop.applied(FRESH);
    assertThat(after(60)).isEmpty();
    shop.send(shop.hour(1, 10));
    assertThat(after(1)).singleElement().extracting(DataVerdict::status).isEqualTo(Status.GOOD);
  }

  @Test
  void restart_whileItLives_countsFromTheRestart() {
    shop.send(shop.hour(0, 10));
    assertThat(after(10)).isEmpty();
    shop = shop.applied(FRESH);
    assertThat(after(14)).isEmpty();
    assertThat(after(4)).hasSize(1);
  }

  /** A span of a number of rows leaves nothing open that would know how far events have come. */
  @Test
  void restart_afterAFullSpanOfRows_datesTheSilenceByItsLastRow() {
    ApplicationDefinition rows =
        Shop.definition(APP, "20 rows", "", "\"events\": {\"view\": {\"freshness\": \"15m\"}},");
    shop = shop.applied(rows);
    for (int hour = 0; hour < 2; hour++) {
      shop.send(shop.hour(hour, 10));
      assertThat(shop.told(Duration.ofMinutes(1))).hasSize(hour);
    }
    shop = shop.applied(rows);
    assertThat(after(20))
        .singleElement()
        .satisfies(
            silent ->
                assertThat(silent.startMs())
                    .isEqualTo(START + ShopSpans.HOUR_MS + 9 * ShopSpans.HOUR_MS / 10));
  }

  @Test
  void habit_ofASourceThatNeverRests_isLearnedWithoutBeingAsked() {
    shop = shop.applied(Shop.definition(APP, "1h"));
    for (int slot = 0; slot < 8 * 24 * 6; slot++) {
      shop.send(List.of(shop.view(START + slot * 600_000L)));
      assertThat(after(10)).isEmpty();
    }
    List<DataVerdict> told = after(130);
    assertThat(told).singleElement().extracting(DataVerdict::status).isEqualTo(Status.BAD);
    assertThat(told.getFirst().anomalies().getFirst().expected()).contains("has a chance of");
  }

  @Test
  void eventThatNeverCame_isNotSilent() {
    assertThat(after(600)).isEmpty();
    shop.send(shop.hour(0, 10));
    assertThat(after(1)).isEmpty();
    Map<Integer, DataVerdict> spans = shop.verdicts();
    assertThat(spans).isEmpty();
  }
}
