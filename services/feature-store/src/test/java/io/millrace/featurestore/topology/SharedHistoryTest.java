// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EventDefinition;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Generations that read the same topic, one after the other, into one history: each finds there
 * what it has applied, whatever the others have.
 */
class SharedHistoryTest {
  private static final String APP = "shop";
  private static final long MINUTE = 60_000;
  private static final int EVENTS = 600;
  private static final List<String> USERS = List.of("u0", "u1", "u2");

  private final InMemoryStores stores = new InMemoryStores();
  private final List<Event> events = events();

  /** A third names no item; a third comes 5 to 25 minutes behind. */
  private static List<Event> events() {
    Random random = new Random(11);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      long knownMs = Definitions.T0 + (30 + i) * MINUTE;
      long behindMs = random.nextInt(3) == 0 ? (5 + random.nextInt(20)) * MINUTE : 0;
      String user = USERS.get(random.nextInt(USERS.size()));
      Map<String, Object> data = new TreeMap<>(Map.of("user", user, "price", (double) i));
      if (random.nextInt(3) > 0) {
        data.put("item", "item" + i % 4);
      }
      events.add(new Event(APP, "impression", "i" + i, user, knownMs - behindMs, knownMs, data));
    }
    return events;
  }

  private static FeatureViewDefinition count(String entity, String window) {
    return new FeatureViewDefinition(
        "impression",
        entity,
        null,
        Map.of("n", FeatureDefinition.of("count", null, window)),
        "impressions",
        null);
  }

  private static ApplicationDefinition users(String window) {
    return Definitions.only(APP, Map.of("users", count("user", window)));
  }

  private static ApplicationDefinition usersAndItems() {
    Map<String, FeatureViewDefinition> views = new LinkedHashMap<>();
    views.put("users", count("user", "1h"));
    views.put("items", count("item", "1h"));
    return Definitions.only(APP, views);
  }

  private static ApplicationDefinition late(ApplicationDefinition of, String lateness) {
    Map<String, EventDefinition> changed = new LinkedHashMap<>(of.events());
    changed.computeIfPresent(
        "impression",
        (name, event) ->
            new EventDefinition(
                event.description(),
                event.time(),
                event.id(),
                event.key(),
                lateness,
                event.schema(),
                event.personal()));
    return new ApplicationDefinition(
        of.apiVersion(),
        of.kind(),
        of.metadata(),
        changed,
        of.entities(),
        of.featureViews(),
        of.derivedFeatures(),
        of.label(),
        of.model(),
        of.gates(),
        of.rollout(),
        of.monitor(),
        of.validation());
  }

  private void replay(ApplicationDefinition definition) {
    Generation generation = Generation.of(definition);
    try (TopologyFixture fixture = new TopologyFixture(APP, stores)) {
      fixture.run(
          new FeatureTopology(generation, event -> 1, fixture.with, fixture.reads).get(),
          "shop-" + generation.hash());
      events.forEach(fixture::send);
      fixture.settle();
    }
  }

  /** What a definition accepts of a user, with a plain loop. */
  private List<String> accepted(ApplicationDefinition definition, String user) {
    long latenessMs = definition.event("impression").lateness().toMillis();
    boolean needsItem = definition.requiredEntities("impression").contains("item");
    List<String> ids = new ArrayList<>();
    long newestMs = Long.MIN_VALUE / 2;
    for (Event event : events) {
      if (needsItem && !event.data().containsKey("item")) {
        continue;
      }
      if (event.eventTimeMs() >= newestMs - latenessMs && user.equals(event.key())) {
        ids.add(event.id());
      }
      newestMs = Math.max(newestMs, event.eventTimeMs());
    }
    return ids;
  }

  private List<String> read(ApplicationDefinition definition, String user) {
    FeatureGroup group = Objects.requireNonNull(Generation.of(definition).find("users")).group();
    List<String> ids = new ArrayList<>();
    stores.read(
        HistoryKey.of(APP, group, user),
        0,
        row -> {
          ids.add(row.event().id());
          return row.seq() == ids.size();
        });
    return ids;
  }

  private void assertEachReadsItsOwn(ApplicationDefinition... definitions) {
    for (ApplicationDefinition each : definitions) {
      for (String user : USERS) {
        assertThat(accepted(each, user)).hasSizeGreaterThan(EVENTS / 10);
        assertThat(read(each, user)).isEqualTo(accepted(each, user));
      }
    }
  }

  @Test
  void replay_afterAViewOfAnotherEntityWasAdded_readsWhatHasItsKeyOnly() {
    ApplicationDefinition before = users("1h");
    ApplicationDefinition after = usersAndItems();
    assertThat(accepted(after, "u0")).isNotEqualTo(accepted(before, "u0"));

    replay(before);
    replay(after);

    assertEachReadsItsOwn(before, after);
  }

  @Test
  void replay_afterLessLatenessIsAllowed_readsNothingThatIsLateNow() {
    ApplicationDefinition before = late(users("1h"), "1h");
    ApplicationDefinition after = late(users("1h"), "10m");
    assertThat(accepted(after, "u0")).isNotEqualTo(accepted(before, "u0"));

    replay(before);
    replay(after);
    assertEachReadsItsOwn(before, after);

    // Taken back: the former one again, over what it has left.
    replay(before);
    assertEachReadsItsOwn(before, after);
  }

  @Test
  void replay_sameAcceptance_sharesTheHistory() {
    ApplicationDefinition before = users("1h");
    ApplicationDefinition after = users("2h");
    replay(before);
    Map<HistoryKey, List<String>> once = InMemoryStores.texts(stores.history);

    replay(after);

    assertThat(Generation.of(after).hash()).isNotEqualTo(Generation.of(before).hash());
    assertThat(InMemoryStores.texts(stores.history)).isEqualTo(once);
    assertEachReadsItsOwn(before, after);
  }
}
