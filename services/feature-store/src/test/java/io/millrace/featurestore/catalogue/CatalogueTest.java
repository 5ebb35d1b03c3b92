// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.EventSerde;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the catalogue says, finds and measures. */
class CatalogueTest {
  private static final String APP = "shop";

  private static FeatureDefinition described(String window, @Nullable String description) {
    return new FeatureDefinition(
        "sum",
        "price",
        "price > 0.0",
        window,
        null,
        null,
        null,
        null,
        null,
        "30d",
        null,
        description);
  }

  @Test
  void says_oneOfFiveHundred_isFoundByEachOfItsWordsAndNothingElseIs() {
    Map<String, FeatureViewDefinition> views = new LinkedHashMap<>();
    for (int view = 0; view < 10; view++) {
      Map<String, FeatureDefinition> features = new LinkedHashMap<>();
      for (int i = 0; i < 50; i++) {
        features.put("f" + i, described(i + 1 + "h", view == 7 && i == 31 ? "Wool spend." : null));
      }
      views.put(
          "v" + view,
          new FeatureViewDefinition(
              "impression",
              view % 2 == 0 ? "user" : "item",
              null,
              features,
              "Of view " + view,
              view == 7 ? "knitters" : null));
    }
    ApplicationDefinition definition = Definitions.only(APP, views);
    Catalogue.Contents contents = new Catalogue().of(Generation.of(definition), definition);

    assertThat(contents.features()).hasSize(500);
    assertThat(contents.features().stream().filter(each -> each.says(List.of("wool"))))
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.name()).isEqualTo("v7.f31");
              assertThat(entry.meaning()).isEqualTo("Wool spend.");
              assertThat(entry.owner()).isEqualTo("knitters");
              assertThat(entry.entity()).isEqualTo("item");
              assertThat(entry.source()).isEqualTo("impression");
              assertThat(entry.computation()).isEqualTo("sum of price where price > 0.0 over 32h");
              assertThat(entry.ttl()).isEqualTo("30d");
              assertThat(entry.precision()).isEqualTo("tile");
              assertThat(entry.stateBytesMax()).isBetween(50L, 3_000L);
            });
    assertThat(contents.features().stream().filter(each -> each.says(List.of("knitters"))))
        .hasSize(50);
    assertThat(contents.features().stream().filter(each -> each.says(List.of("32h", "item"))))
        .hasSize(5);
    assertThat(contents.features().stream().filter(each -> each.says(List.of("wool", "user"))))
        .isEmpty();
  }

  @Test
  void of_sameGenerationAndDefinition_isCompiledOnce() {
    ApplicationDefinition definition = Definitions.shop(APP);
    Generation generation = Generation.of(definition);
    Catalogue catalogue = new Catalogue();

    Catalogue.Contents first = catalogue.of(generation, definition);

    assertThat(catalogue.of(generation, Definitions.shop(APP))).isSameAs(first);
    assertThat(first.derived())
        .singleElement()
        .satisfies(
            derived ->
                assertThat(derived.reads())
                    .containsExactly("item_clicks.n_1h", "item_impressions.n_1h"));
    ApplicationDefinition other = Definitions.shop(APP, null, "2h");
    assertThat(catalogue.of(Generation.of(other), other)).isNotSameAs(first);
  }

  @Test
  void measure_knownHistories_givesTheirDistributionAndCost() {
    ApplicationDefinition definition = Definitions.shop(APP);
    Generation generation = Generation.of(definition);
    InMemoryStores stores = new InMemoryStores();
    FeatureGroup group = Objects.requireNonNull(generation.find("user_impressions")).group();
    for (int user = 1; user <= 10; user++) {
      for (int i = 1; i <= user; i++) {
        Event event =
            Definitions.impression(
                APP, user + "-" + i, "u" + user, "item" + user % 2, Definitions.T0 + i, 2.0);
        stores.append(
            HistoryKey.of(APP, group, "u" + user),
            new HistoryRow(
                i, event.id(), event.eventTimeMs(), i, EventSerde.writeData(event.data())));
      }
    }
    long asOf = Definitions.T0 + 1000;

    Profile profile =
        new Profiler(stores, () -> Instant.ofEpochMilli(asOf)).measure(generation, asOf);

    Profile.Distribution count =
        Objects.requireNonNull(profile.features().get("user_impressions.n_1h"));
    assertThat(count.entities()).isEqualTo(10);
    assertThat(count.presentShare()).isEqualTo(1);
    assertThat(count.mean()).isCloseTo(5.5, within(1e-12));
    assertThat(count.quantiles()).containsExactly(1.0, 1.0, 5.0, 9.0, 10.0);
    Profile.Distribution last =
        Objects.requireNonNull(profile.features().get("user_impressions.last_item"));
    assertThat(last.quantiles()).isNull();
    assertThat(last.distinct()).isEqualTo(2);
    assertThat(last.frequent()).containsExactly("item0", "item1");
    Profile.Cost cost = Objects.requireNonNull(profile.views().get("user_impressions"));
    assertThat(cost.bytesPerEntity()).isPositive();
    assertThat(cost.readMicros()).isPositive();
    assertThat(profile.views()).doesNotContainKey("item_clicks");
  }

  @Test
  void profiles_askedTwice_measuresOnceUntilItIsOld() {
    ApplicationDefinition definition = Definitions.shop(APP);
    Generation generation = Generation.of(definition);
    AtomicInteger measured = new AtomicInteger();
    long[] now = {Definitions.T0};
    try (Profiles profiles =
        new Profiles(
            new Profiler(new InMemoryStores(), () -> Instant.ofEpochMilli(now[0])),
            app -> {
              measured.incrementAndGet();
              return now[0];
            },
            () -> Instant.ofEpochMilli(now[0]))) {
      Duration wait = Duration.ofMinutes(1);
      assertThat(profiles.of(generation, wait)).isPresent();
      assertThat(profiles.of(generation, wait)).isPresent();
      assertThat(measured).hasValue(1);
      Generation other = Generation.of(Definitions.shop(APP, Definitions.shopLabel("30m"), "2h"));
      assertThat(profiles.of(other, wait)).isPresent();
      assertThat(measured).hasValue(2);
    }
  }
}
