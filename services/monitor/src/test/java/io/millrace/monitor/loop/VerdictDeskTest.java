// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.common.contract.DataVerdict.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One outage calls a person once, whether it was noticed by wall clock or by its gap. */
final class VerdictDeskTest {
  private static final String APP = "shop";
  private static final long HOUR_MS = 3_600_000;

  private final TopicsInMemory topics = new TopicsInMemory();
  private final List<DataVerdict> published = new ArrayList<>();
  private Timeline timeline = new Timeline();
  private VerdictDesk desk = start();

  /** As a start makes it: of the alerts and verdicts that the compacted topics still hold. */
  private VerdictDesk start() {
    timeline = new Timeline();
    AlertDesk alerts =
        new AlertDesk(APP, topics, timeline, () -> Instant.ofEpochMilli(1_000), () -> 0);
    Map<String, AlertRaised> raised = new LinkedHashMap<>();
    topics.alerts.forEach(each -> raised.put(each.alertId(), each));
    raised.values().forEach(alerts::restore);
    VerdictDesk started = new VerdictDesk(alerts, timeline);
    Map<String, DataVerdict> latest = new LinkedHashMap<>();
    published.forEach(each -> latest.put(each.span(), each));
    latest.values().forEach(started::verdict);
    started.live();
    return started;
  }

  private void tell(DataVerdict verdict) {
    published.add(verdict);
    desk.verdict(verdict);
  }

  private static DataVerdict verdict(
      String span, double fromHour, double toHour, long rows, String... errors) {
    List<Anomaly> anomalies = new ArrayList<>();
    for (String kind : errors) {
      anomalies.add(new Anomaly(null, kind, "ERROR", "seen of " + kind, "", "it is " + kind));
    }
    return new DataVerdict(
        APP,
        "view",
        span,
        Math.round(fromHour * HOUR_MS),
        Math.round(toHour * HOUR_MS),
        rows,
        errors.length == 0 ? Status.GOOD : Status.BAD,
        1,
        anomalies,
        Map.of(),
        1_000);
  }

  private static DataVerdict hours(int from, int to, long rows, String... errors) {
    return verdict("hour-" + from, from, to, rows, errors);
  }

  private static DataVerdict silent(double reachedHour) {
    return verdict("silence", reachedHour, reachedHour, 0, "SOURCE_SILENT");
  }

  private static DataVerdict heard(double reachedHour) {
    return verdict("silence", reachedHour, reachedHour, 0);
  }

  private List<String> alerts() {
    return topics.alerts.stream().map(each -> each.alertId() + " " + each.status()).toList();
  }

  private List<String> badOnTheTimeline() {
    return timeline.all().stream()
        .filter(each -> each.kind().equals("verdict"))
        .map(Timeline.Entry::text)
        .toList();
  }

  @Test
  void outage_noticedByTheClock_pagesOnceAndItsGapIsRecorded() {
    tell(hours(7, 8, 60));
    tell(silent(8.9));
    assertThat(topics.open()).containsExactly("page source-silent/view");
    assertThat(topics.alerts.getLast().cause()).contains("view", "seen of SOURCE_SILENT");
    tell(heard(12.1));
    tell(hours(8, 9, 54));
    tell(hours(9, 12, 0, "NO_DATA_IN_SPAN", "DATASET_LOW_NUM_EXAMPLES"));
    tell(hours(12, 13, 54));
    assertThat(alerts()).containsExactly("source-silent/view open", "source-silent/view resolved");
    assertThat(badOnTheTimeline()).hasSize(2).last().asString().contains("hour-9 is BAD");
    assertThat(desk.all()).extracting(DataVerdict::span).contains("hour-9");
  }

  @Test
  void outage_thatTheClockDidNotNotice_pagesByItsGap() {
    tell(hours(7, 8, 60));
    tell(hours(9, 12, 0, "NO_DATA_IN_SPAN"));
    assertThat(topics.open()).containsExactly("page bad-data/view");
    tell(hours(12, 13, 60));
    assertThat(topics.open()).isEmpty();
  }

  @Test
  void outage_monitorStartsAnewInTheMiddle_stillPagesOnce() {
    for (int restart = 0; restart < 3; restart++) {
      topics.alerts.clear();
      published.clear();
      desk = start();
      tell(hours(7, 8, 60));
      tell(silent(8.9));
      desk = restart == 0 ? start() : desk;
      tell(heard(12.1));
      desk = restart == 1 ? start() : desk;
      tell(hours(9, 12, 0, "NO_DATA_IN_SPAN"));
      desk = restart == 2 ? start() : desk;
      tell(hours(12, 13, 60));
      assertThat(alerts())
          .as("restart %s", restart)
          .containsExactly("source-silent/view open", "source-silent/view resolved");
    }
  }

  /** Before a gap is judged its source may be silent again, and the monitor started anew. */
  @Test
  void outages_severalBeforeAGapIsJudged_eachPagesOnce() {
    List<DataVerdict> all =
        List.of(
            silent(8.9),
            heard(12.1),
            silent(12.2),
            heard(15.5),
            silent(15.6),
            heard(18.1),
            hours(9, 12, 0, "NO_DATA_IN_SPAN"),
            hours(13, 15, 0, "NO_DATA_IN_SPAN"),
            hours(16, 18, 0, "NO_DATA_IN_SPAN"));
    for (int restart = 0; restart <= all.size(); restart++) {
      topics.alerts.clear();
      published.clear();
      desk = start();
      for (int i = 0; i < all.size(); i++) {
        desk = i == restart || restart == all.size() ? start() : desk;
        tell(all.get(i));
      }
      assertThat(alerts())
          .as("restart before verdict %s", restart)
          .containsExactly(
              "source-silent/view open",
              "source-silent/view resolved",
              "source-silent/view open",
              "source-silent/view resolved",
              "source-silent/view open",
              "source-silent/view resolved");
    }
  }

  @Test
  void edgeOfAnOutage_callsAgainOnlyForWhatTheSilenceDoesNotExplain() {
    tell(silent(8.2));
    tell(heard(12.7));
    tell(hours(8, 9, 3, "DATASET_LOW_NUM_EXAMPLES", "STALE_SPAN"));
    tell(hours(12, 13, 20, "INCOMPLETE_SPAN"));
    assertThat(topics.open()).isEmpty();
    tell(hours(8, 9, 4, "DATASET_LOW_NUM_EXAMPLES", "UNIT_CHANGE"));
    assertThat(topics.open()).containsExactly("page bad-data/view");
  }

  @Test
  void spanAfterASilence_withFewRowsOfItsOwn_pages() {
    tell(silent(8.2));
    tell(heard(12.1));
    // The source is back for most of the hour, and sends hardly anything.
    tell(hours(12, 13, 2, "DATASET_LOW_NUM_EXAMPLES"));
    assertThat(topics.open()).containsExactly("page bad-data/view");
  }

  @Test
  void gapOfAnotherTime_thanTheSilence_pages() {
    tell(silent(8.9));
    tell(heard(12.1));
    tell(hours(1, 3, 0, "NO_DATA_IN_SPAN"));
    assertThat(topics.open()).containsExactly("page bad-data/view");
  }

  @Test
  void endOfASilence_saysNothingOfASpanThatIsBad() {
    tell(hours(7, 8, 60, "UNIT_CHANGE"));
    tell(silent(8.9));
    assertThat(topics.open()).containsExactly("page bad-data/view", "page source-silent/view");
    tell(heard(9.1));
    assertThat(topics.open()).containsExactly("page bad-data/view");
  }
}
