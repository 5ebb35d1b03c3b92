// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.Event;
import io.millrace.common.serde.EventSerde;
import io.millrace.featurestore.CountedMeasures;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.alert.AlertLog;
import io.millrace.featurestore.alert.Alerts;
import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryRun;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.parity.ParityCheck.Served;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import io.millrace.featurestore.view.ServingGenerations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the meter finds, what it costs, and what it never calls equal. */
class ParityMeterTest {
  private static final String APP = "shop";
  private static final long MINUTE = 60_000;

  private final InMemoryStores stores = new InMemoryStores();
  private final Generation generation = Generation.of(Definitions.shop(APP));
  private final FeatureGroup group =
      Objects.requireNonNull(generation.find("user_impressions")).group();
  private final ServingGenerations serving = new ServingGenerations();
  private final CountedMeasures measures = new CountedMeasures();
  private final List<AlertRaised> published = new ArrayList<>();
  private final Reads reads = new Reads();
  private long now = Definitions.T0;
  private int events;

  /** The history, and how much of it was read. */
  private final class Reads implements HistoryStore {
    private long rows;
    private boolean away;

    @Override
    public CompletionStage<Void> append(HistoryKey key, HistoryRun run) {
      return stores.append(key, run);
    }

    @Override
    public CompletionStage<Void> appendLate(HistoryKey key, HistoryRow row) {
      return stores.appendLate(key, row);
    }

    @Override
    public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
      if (away) {
        throw new StoreUnavailableException("away", null);
      }
      stores.read(
          key,
          afterSeq,
          row -> {
            rows++;
            return reader.test(row);
          });
    }

    @Override
    public List<String> someKeys(HistoryKey like, int max) {
      return stores.someKeys(like, max);
    }

    @Override
    public void deleteLineage(String app, String lineage) {
      stores.deleteLineage(app, lineage);
    }

    @Override
    public void deleteAll(String app) {
      stores.deleteAll(app);
    }
  }

  private final class Log implements AlertLog {
    @Override
    public List<AlertRaised> open(String app) {
      return List.of();
    }

    @Override
    public void publish(AlertRaised alert) {
      published.add(alert);
    }
  }

  private ParityMeter meter(double share, long rows) {
    return meter(share, 1000, 1000, rows);
  }

  private ParityMeter meter(double share, int vectors, long looks, long rows) {
    serving.serve(generation);
    return new ParityMeter(
        new ParityMeter.Settings(
            share, Duration.ofSeconds(2), Duration.ofSeconds(30), 1000, vectors, looks, rows, 16),
        new ParityCheck(reads),
        serving,
        new Alerts("parity", "page", new Log(), () -> Instant.ofEpochMilli(now)),
        measures,
        () -> Instant.ofEpochMilli(now));
  }

  private void happen(String user, GroupState state, int count, boolean written) {
    for (int i = 0; i < count; i++) {
      // Every third is earlier than the one before.
      long time = Definitions.T0 - (events % 3 == 0 ? 7 * MINUTE : 0) - 1000 + events;
      Event event = Definitions.impression(APP, "i" + events, user, "a", time, events * 0.1);
      events++;
      group.apply(state, event.data(), event.eventTimeMs());
      if (written) {
        stores.append(
            HistoryKey.of(APP, group, user),
            new HistoryRow(
                state.seq(),
                event.id(),
                event.eventTimeMs(),
                event.knownAtMs(),
                EventSerde.writeData(event.data())));
      }
    }
  }

  private Served vector(String user, GroupState state) {
    var plan = group.plans().getFirst();
    @Nullable Object[] values = new Object[plan.size()];
    plan.read(state.view(0), now, values, 0);
    Map<String, @Nullable Object> features = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      features.put("user_impressions." + plan.featureNames().get(i), values[i]);
    }
    return new Served(Map.of("user_impressions:" + user, state.seq()), now, features);
  }

  private static ParityMeter.Origin from(int answer) {
    return new ParityMeter.Origin("test", "answer " + answer);
  }

  private static Served broken(Served vector, String feature) {
    Map<String, @Nullable Object> features = new HashMap<>(vector.features());
    double value = (Double) Objects.requireNonNull(features.get(feature));
    features.put(feature, Math.nextUp(value));
    return new Served(vector.states(), vector.momentMs(), features);
  }

  @Test
  void round_vectorsAsHistoryGivesThem_findsNothing() {
    ParityMeter meter = meter(1, 10_000);
    GroupState state = group.newState();
    for (int i = 0; i < 20; i++) {
      happen("u1", state, 3, true);
      meter.offer(APP, vector("u1", state), now, from(0));
      now += 1000;
      meter.round();
    }
    now += 5000;
    meter.round();

    ParityReport report = meter.report(APP);
    assertThat(report.checked()).isEqualTo(20);
    assertThat(report.mismatching()).isZero();
    assertThat(report.skipped()).isZero();
    assertThat(report.features()).containsKey("user_impressions.price_sum_1d");
    assertThat(published).isEmpty();
    assertThat(reads.rows)
        .as("each row is read once, however often its key is checked")
        .isEqualTo(60);
  }

  @Test
  void round_vectorFarBehindItsState_isAlikeWhereBothDoNotKnow() {
    ParityMeter meter = meter(1, 10_000);
    GroupState state = group.newState();
    happen("u1", state, 3, true);
    String count = "user_impressions.n_1h";
    long newest = now;
    now -= Duration.ofDays(60).toMillis();
    Served vector = vector("u1", state);
    assertThat(vector.features()).containsEntry(count, null);
    Map<String, @Nullable Object> guessed = new HashMap<>(vector.features());
    guessed.put(count, 0.0);
    now = newest;
    meter.offer(APP, vector, now, from(0));
    meter.offer(APP, new Served(vector.states(), vector.momentMs(), guessed), now, from(1));
    now += 5000;
    meter.round();

    ParityReport report = meter.report(APP);
    assertThat(report.checked()).isEqualTo(2);
    assertThat(report.mismatching()).isEqualTo(1);
    assertThat(report.features().get(count).mismatches()).isEqualTo(1);
    assertThat(report.features().get("user_impressions.price_sum_1d").mismatches()).isZero();
  }

  @Test
  void round_oneFeatureOffByOneBit_namesItAndAlertsOnceAndResolvesWhenCalm() {
    ParityMeter meter = meter(1, 10_000);
    GroupState state = group.newState();
    for (int i = 0; i < 3; i++) {
      happen("u1", state, 3, true);
      meter.offer(APP, broken(vector("u1", state), "user_impressions.price_sum_1d"), now, from(i));
      now += 10_000;
      meter.round();
    }

    ParityReport report = meter.report(APP);
    assertThat(report.mismatching()).isEqualTo(3);
    assertThat(report.features().get("user_impressions.price_sum_1d").mismatches()).isEqualTo(3);
    assertThat(report.features().get("user_impressions.price_mean_1d").mismatches()).isZero();
    assertThat(report.examples().getFirst().from()).isEqualTo("answer 2");
    assertThat(report.examples().getFirst().feature()).isEqualTo("user_impressions.price_sum_1d");
    assertThat(published).hasSize(1);
    assertThat(published.getFirst().alertId()).isEqualTo("parity/user_impressions.price_sum_1d");
    assertThat(measures.sums).containsEntry("parity mismatch user_impressions.price_sum_1d", 3L);

    now += 6 * MINUTE;
    meter.round();
    assertThat(published).as("nothing was compared since").hasSize(1);
    meter.offer(APP, vector("u1", state), now, from(0));
    now += 10_000;
    meter.round();
    assertThat(published).hasSize(2);
    assertThat(published.getLast().status()).isEqualTo("resolved");
  }

  @Test
  void round_historyNotWritten_waitsAndThenIsAMismatch() {
    ParityMeter meter = meter(1, 10_000);
    GroupState state = group.newState();
    happen("u1", state, 2, true);
    happen("u1", state, 1, false);
    meter.offer(APP, vector("u1", state), now, from(0));
    now += 10_000;
    meter.round();
    assertThat(meter.report(APP).checked()).isZero();
    assertThat(meter.report(APP).pending()).isEqualTo(1);
    now += 30_000;
    meter.round();
    assertThat(meter.report(APP).mismatching()).isEqualTo(1);
    assertThat(meter.report(APP).examples().getFirst().recomputed())
        .isEqualTo("history ends before it");
  }

  @Test
  void round_historyAway_isNoMismatchAndGoesOnAfterwards() {
    ParityMeter meter = meter(1, 10_000);
    GroupState state = group.newState();
    happen("u1", state, 3, true);
    meter.offer(APP, vector("u1", state), now, from(0));
    reads.away = true;
    for (int i = 0; i < 8; i++) {
      now += 10_000;
      meter.round();
    }
    reads.away = false;
    meter.round();
    assertThat(meter.report(APP).checked()).isEqualTo(1);
    assertThat(meter.report(APP).mismatching()).isZero();
  }

  @Test
  void round_budgetSpent_goesOnInTheNextRoundAndNeverCallsItEqual() {
    ParityMeter meter = meter(1, 10);
    GroupState state = group.newState();
    happen("u1", state, 35, true);
    meter.offer(APP, vector("u1", state), now, from(0));
    now += 3000;
    for (int i = 0; i < 3; i++) {
      meter.round();
      assertThat(meter.report(APP).checked()).isZero();
    }
    meter.round();
    assertThat(meter.report(APP).checked()).isEqualTo(1);
    assertThat(reads.rows).isLessThan(40);
  }

  @Test
  void round_looksSpent_checksAsManyKeysAsItMayLookFor() {
    ParityMeter meter = meter(1, 1000, 3, 10_000);
    for (int i = 0; i < 8; i++) {
      GroupState state = group.newState();
      happen("u" + i, state, 2, true);
      meter.offer(APP, vector("u" + i, state), now, from(i));
    }
    now += 3000;
    for (int checked : List.of(3, 6, 8)) {
      meter.round();
      assertThat(meter.report(APP).checked()).isEqualTo(checked);
      assertThat(meter.report(APP).mismatching()).isZero();
    }
    assertThat(meter.report(APP).skipped()).isZero();
  }

  @Test
  void wants_moreThanARoundTakes_areSkippedUntilTheNext() {
    ParityMeter meter = meter(1, 5, 1000, 1000);
    for (int round = 1; round <= 2; round++) {
      for (int i = 0; i < 12; i++) {
        assertThat(meter.wants(APP, "u" + i)).isEqualTo(i < 5);
      }
      assertThat(meter.report(APP).skipped()).isEqualTo(7 * round);
      meter.round();
    }
    assertThat(meter(0, 5, 1000, 1000).wants(APP, "u1")).isFalse();
  }

  @Test
  void round_definitionReplacedInBetween_skipsWhatTheFormerOneServed() {
    ParityMeter meter = meter(1, 1000);
    GroupState state = group.newState();
    happen("u1", state, 3, true);
    meter.offer(APP, vector("u1", state), now, from(0));
    serving.serve(Generation.of(Definitions.shop(APP, Definitions.shopLabel("30m"), "2h")));
    now += 5000;
    meter.round();
    assertThat(meter.report(APP).skipped()).isEqualTo(1);
    assertThat(meter.report(APP).checked()).isZero();
  }

  @Test
  void offer_moreThanThereIsRoomFor_isSkippedAndCounted() {
    ParityMeter meter = meter(1, 1000);
    GroupState state = group.newState();
    happen("u1", state, 1, true);
    for (int i = 0; i < 1500; i++) {
      meter.offer(APP, vector("u1", state), now, from(0));
    }
    assertThat(meter.report(APP).pending()).isEqualTo(1000);
    assertThat(meter.report(APP).skipped()).isEqualTo(500);
  }

  @Test
  void samples_aShare_isThatShareOfTheKeysAndAlwaysTheSame() {
    ParityMeter some = meter(0.1, 1000);
    int sampled = 0;
    for (int i = 0; i < 20_000; i++) {
      assertThat(some.samples("customer-" + i)).isEqualTo(some.samples("customer-" + i));
      sampled += some.samples("customer-" + i) ? 1 : 0;
    }
    assertThat(sampled).isBetween(1800, 2200);
    assertThat(meter(0, 1000).samples("x")).isFalse();
    assertThat(meter(1, 1000).samples("x")).isTrue();
  }
}
