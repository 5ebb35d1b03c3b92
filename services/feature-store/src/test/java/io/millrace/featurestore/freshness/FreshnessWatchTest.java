// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.featurestore.CountedMeasures;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.alert.AlertLog;
import io.millrace.featurestore.alert.Alerts;
import io.millrace.featurestore.progress.Freshness;
import io.millrace.featurestore.progress.ProgressBoard;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is fresh, what is stale, and that one cause is one alert. */
class FreshnessWatchTest {
  private static final String APP = "orders";
  private static final String GROUP = "order-customer";

  private final List<AlertRaised> published = new ArrayList<>();
  private final List<AlertRaised> openBefore = new ArrayList<>();
  private final Freshness freshness = new Freshness();
  private final ProgressBoard board = new ProgressBoard();
  private final CountedMeasures measures = new CountedMeasures();
  private long now = Definitions.T0;

  private FreshnessWatch watch() {
    InstantSource clock = () -> Instant.ofEpochMilli(now);
    AlertLog log =
        new AlertLog() {
          @Override
          public List<AlertRaised> open(String app) {
            return List.copyOf(openBefore);
          }

          @Override
          public void publish(AlertRaised alert) {
            published.add(alert);
          }
        };
    return new FreshnessWatch(
        freshness,
        board,
        app -> Optional.of("features"),
        new Alerts("freshness", "ticket", log, clock),
        measures,
        clock);
  }

  private void isHere() {
    board.publish(
        new ProgressBoard.Place(APP, "features", "state-" + GROUP + "/0_1"),
        new ProgressBoard.Snapshot(0, Map.of()));
  }

  private static ApplicationDefinition bound(@Nullable String freshness) {
    ApplicationDefinition orders = Definitions.reorders(APP);
    FeatureViewDefinition spend = Objects.requireNonNull(orders.featureViews().get("spend"));
    Map<String, FeatureViewDefinition> views = new LinkedHashMap<>();
    views.put(
        "spend",
        new FeatureViewDefinition(
            spend.source(),
            spend.entity(),
            null,
            spend.features(),
            "spend",
            null,
            freshness,
            null));
    return new ApplicationDefinition(
        orders.apiVersion(),
        orders.kind(),
        orders.metadata(),
        orders.events(),
        orders.entities(),
        views,
        Map.of(),
        null,
        null,
        null,
        null,
        null,
        null);
  }

  @Test
  void round_nothingComesForLongerThanDeclared_alertsOnceAndResolvesWithTheNextEvent() {
    isHere();
    FreshnessWatch watch = watch();
    ApplicationDefinition definition = bound("5m");
    freshness.servable(APP, GROUP, now - 40, now);
    now += 300_000 - 40;
    watch.round(definition);
    assertThat(published).as("exactly at the bound").isEmpty();
    now += 1;
    watch.round(definition);
    watch.round(definition);
    assertThat(published).hasSize(1);
    assertThat(published.getFirst().alertId()).isEqualTo("freshness/spend");
    assertThat(published.getFirst().evidence()).containsEntry("boundMs", "300000");
    assertThat(watch.of(definition).get("spend").fresh()).isFalse();

    freshness.servable(APP, GROUP, now - 10, now);
    watch.round(definition);
    assertThat(published).hasSize(2);
    assertThat(published.getLast().status()).isEqualTo("resolved");
    assertThat(measures.sums).containsKey("age spend");
  }

  @Test
  void round_noBoundOrNoPartOfTheView_neverAlerts() {
    FreshnessWatch watch = watch();
    now += 1_000_000;
    watch.round(bound("5m"));
    assertThat(watch.of(bound("5m"))).isEmpty();
    isHere();
    watch.round(bound(null));
    assertThat(published).isEmpty();
    assertThat(watch.of(bound(null)).get("spend").ageMs()).isEqualTo(1_000_000);
  }

  @Test
  void round_alertOpenFromBeforeTheRestart_isNotRaisedAgainAndIsResolved() {
    isHere();
    openBefore.add(
        new AlertRaised(
            APP, "freshness/spend", "freshness", "ticket", "c", "a", Map.of(), "open", 1, 1));
    FreshnessWatch watch = watch();
    now += 400_000;
    watch.round(bound("5m"));
    assertThat(published).isEmpty();
    freshness.servable(APP, GROUP, now, now);
    watch.round(bound("5m"));
    assertThat(published).hasSize(1);
    assertThat(published.getFirst().status()).isEqualTo("resolved");
  }

  @Test
  void seen_manyDelays_givesQuantilesOfTheLastFiveMinutes() {
    for (int i = 1; i <= 1000; i++) {
      freshness.servable(APP, GROUP, now - i, now);
    }
    Freshness.Seen seen = freshness.of(APP, GROUP, now).orElseThrow();
    assertThat(seen.events()).isEqualTo(1000);
    assertThat(Objects.requireNonNull(seen.p50Ms())).isBetween(500.0, 550.0);
    assertThat(Objects.requireNonNull(seen.p99Ms())).isBetween(990.0, 1090.0);
    assertThat(seen.newestAcceptedMs()).isEqualTo(now - 1);
    assertThat(freshness.of(APP, GROUP, now + 301_000).orElseThrow().events()).isZero();
  }
}
