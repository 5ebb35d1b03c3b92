// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.EventRejected;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.topic.Topic;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.internals.InMemoryKeyValueStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a backfill leaves, entry by entry, against what the stream leaves of the same events. */
class BackfillTest {
  private static final String APP = "shop";
  private static final int EVENTS = 4_000;
  private static final int ITEMS = 300;
  private static final long MINUTE = 60_000;
  private static final String ITEM_GROUP = "impression-item";
  private static final String USER_GROUP = "impression-user";

  private final Generation generation = Generation.of(definition());
  private final TopologyFixture fixture = new TopologyFixture(APP);
  private final Map<Backfill.Store, TaskStore> made = new HashMap<>();
  private final List<EventRejected> letters = new ArrayList<>();

  private static ApplicationDefinition definition() {
    Map<String, FeatureDefinition> ofUser = new LinkedHashMap<>();
    ofUser.put("n_10m", FeatureDefinition.of("count", null, "10m"));
    ofUser.put("sum_1h", FeatureDefinition.of("sum", "price", "1h"));
    ofUser.put("session", FeatureDefinition.of("count", null, "session 20m"));
    ofUser.put("items", Definitions.bounded("last_n", "item", null, 1_000));
    Map<String, FeatureDefinition> ofItem = new LinkedHashMap<>();
    ofItem.put("n_1d", FeatureDefinition.of("count", null, "1d"));
    ofItem.put("users", FeatureDefinition.of("count_distinct", "user", "1h"));
    return Definitions.only(
        APP,
        Map.of(
            "users",
            new FeatureViewDefinition("impression", "user", null, ofUser, null, null),
            "items",
            new FeatureViewDefinition("impression", "item", null, ofItem, null, null)));
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Events on time, out of order, late, ahead, at equal times, and some without a key. */
  private static List<Event> events(long seed) {
    Random random = new Random(seed);
    List<Event> events = new ArrayList<>();
    long now = Definitions.T0 + Definitions.HOUR;
    for (int i = 0; i < EVENTS; i++) {
      now += random.nextInt(4) * 5_000L;
      long time =
          switch (random.nextInt(12)) {
            case 0 -> now - random.nextLong(40 * MINUTE);
            case 1 -> now + random.nextLong(90 * MINUTE);
            case 2 -> now - random.nextLong(2 * MINUTE);
            default -> now;
          };
      String user = "user-%s".formatted(random.nextInt(5));
      String item = item(random.nextInt(ITEMS));
      Event event = Definitions.impression(APP, "i" + i, user, item, time, random.nextInt(90));
      Map<String, Object> data = new LinkedHashMap<>(event.data());
      if (random.nextInt(50) == 0) {
        data.remove("item");
      }
      events.add(new Event(APP, event.name(), event.id(), user, time, now, data));
    }
    // Time goes on for every part, however many there are; some are held at the end all the same.
    long end = now + 3 * Definitions.HOUR;
    for (int item = 0; item < ITEMS; item++) {
      events.add(last("e" + item, "user-0", item, end, end));
    }
    for (int user = 0; user < 5; user++) {
      events.add(last("h" + user, "user-" + user, user, end + MINUTE, end));
    }
    return events;
  }

  private static String item(int number) {
    return "an item with a long name, number " + number;
  }

  private static Event last(String id, String user, int item, long timeMs, long knownAtMs) {
    Event event = Definitions.impression(APP, id, user, item(item), timeMs, 1);
    return new Event(APP, event.name(), id, user, timeMs, knownAtMs, event.data());
  }

  private void stream(List<Event> events) {
    // Nothing is known of how far the topic was read, so that only the log releases what is held.
    fixture.readUntilMs = ReadProgress.UNKNOWN;
    fixture.run(
        new FeatureTopology(generation, event -> 1, fixture.with, fixture.reads).get(),
        "shop-feature-store-test");
    events.forEach(fixture::send);
  }

  private void backfill(List<Event> events, Set<String> inHistory) {
    Topic<String, Event> topic = fixture.topics.events("impression");
    try (Backfill backfill =
        new Backfill(
            generation,
            event -> 1,
            true,
            group -> inHistory.contains(group.name()),
            letters::add,
            store -> {
              TaskStore empty = new CommitStore(new InMemoryKeyValueStore(store.name()));
              made.put(store, empty);
              return empty;
            },
            fixture.with)) {
      long offset = 0;
      for (Event event : events) {
        Headers headers = new RecordHeaders();
        byte[] value = topic.valueSerde().serializer().serialize(topic.name(), headers, event);
        backfill.take(
            "impression",
            new IncomingRecord(
                value,
                headers,
                Math.max(event.knownAtMs(), Definitions.T0),
                topic.name(),
                0,
                offset++));
      }
      backfill.store();
      assertThat(backfill.stores()).isEqualTo(made);
    }
  }

  private TaskStore streamed(String name) {
    return (TaskStore) fixture.harness().stateStore(name);
  }

  private List<TaskStore> made(String name) {
    return made.entrySet().stream()
        .filter(each -> each.getKey().name().equals(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  /**
   * What a store has of states, read and written anew, since how a large one lies there depends on
   * how it came to be; and its held events, as texts.
   *
   * @param cutFromHeldKeys bytes at the end of their keys that are not compared, and then nothing
   *     but the keys: the headers say how they came to the part
   */
  private Map<String, String> content(TaskStore store, FeatureGroup group, int cutFromHeldKeys) {
    StateBudget.Share share = fixture.budget.open();
    StateCache states =
        new StateCache(group, store, new LargeStates(group, store, true), share, () -> {});
    Map<String, String> content = new TreeMap<>();
    try (KeyValueIterator<Bytes, byte[]> all = store.range(new byte[0], new byte[] {(byte) 0xff})) {
      while (all.hasNext()) {
        KeyValue<Bytes, byte[]> each = all.next();
        byte[] key = each.key.get();
        if (key[0] == 'k') {
          String entity = StateKeys.keyOf(key);
          content.put(entity, HexFormat.of().formatHex(states.encoded(entity)));
        } else if (key[0] == 'a') {
          byte[] held = Arrays.copyOf(key, key.length - cutFromHeldKeys);
          content.merge(
              "held " + HexFormat.of().formatHex(held),
              cutFromHeldKeys > 0 ? "" : HexFormat.of().formatHex(each.value),
              (one, other) -> one + " " + other);
        }
      }
    }
    share.close();
    return content;
  }

  private static boolean hasSegments(TaskStore store) {
    try (KeyValueIterator<Bytes, byte[]> all = store.range(new byte[] {'s'}, new byte[] {'t'})) {
      return all.hasNext();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void store_eventsOfAllKinds_leavesWhatTheStreamLeaves(long seed) {
    List<Event> events = events(seed);
    stream(events);
    backfill(events, Set.of(USER_GROUP, ITEM_GROUP));

    FeatureGroup users = Objects.requireNonNull(generation.find("users")).group();
    Map<String, String> ofUsers = content(streamed("state-" + USER_GROUP), users, 0);
    assertThat(ofUsers.keySet()).anyMatch(key -> key.startsWith("held "));
    assertThat(hasSegments(streamed("state-" + USER_GROUP))).isTrue();
    assertThat(made("state-" + USER_GROUP)).hasSize(1).allMatch(BackfillTest::hasSegments);
    assertThat(content(made("state-" + USER_GROUP).getFirst(), users, 0)).isEqualTo(ofUsers);

    FeatureGroup items = Objects.requireNonNull(generation.find("items")).group();
    Map<String, String> ofItems = new TreeMap<>();
    List<TaskStore> parts = made("state-" + ITEM_GROUP);
    assertThat(parts).hasSizeGreaterThan(1);
    parts.forEach(part -> ofItems.putAll(content(part, items, Long.BYTES)));
    assertThat(ofItems).isEqualTo(content(streamed("state-" + ITEM_GROUP), items, Long.BYTES));

    assertThat(counts(List.of(streamed("state-" + USER_GROUP))))
        .containsKeys("applied", "late", "held")
        .isEqualTo(counts(made("state-" + USER_GROUP)));
    assertThat(counts(List.of(streamed("state-" + ITEM_GROUP)))).isEqualTo(counts(parts));

    StreamClock now = new StreamClock(made("clock-impression").getFirst());
    assertThat(now.timeMs()).isEqualTo(new StreamClock(streamed("clock-impression")).timeMs());
    List<EventRejected> sent =
        fixture.harness().output(fixture.topics.rejected()).readValuesToList();
    assertThat(letters).isNotEmpty().hasSameSizeAs(sent);
    assertThat(letters.stream().map(EventRejected::origin).toList())
        .isEqualTo(sent.stream().map(EventRejected::origin).toList());
  }

  /** Sums over parts, without what is written to the online store. */
  private static Map<String, Long> counts(List<TaskStore> stores) {
    Map<String, Long> counts = new TreeMap<>();
    for (TaskStore store : stores) {
      new Tallies(store).counts().forEach((name, count) -> counts.merge(name, count, Long::sum));
    }
    counts.remove("written");
    return counts;
  }

  @Test
  void store_groupThatTheHistoryLacks_leavesItsEventsToWhoTakesTheStoreOver() {
    List<Event> events = events(4);
    stream(events);
    backfill(events, Set.of(USER_GROUP));
    fixture.settle();

    FeatureGroup items = Objects.requireNonNull(generation.find("items")).group();
    InMemoryStores written = new InMemoryStores();
    made(FeatureTopology.stateStore(items)).forEach(part -> toHistory(part, items, written));
    Map<HistoryKey, List<String>> expected = InMemoryStores.texts(fixture.stores.history);
    expected.keySet().removeIf(key -> !key.entity().equals("item"));
    assertThat(expected).hasSizeGreaterThan(100);
    assertThat(InMemoryStores.texts(written.history)).isEqualTo(expected);

    InMemoryStores ofUsers = new InMemoryStores();
    FeatureGroup users = Objects.requireNonNull(generation.find("users")).group();
    made(FeatureTopology.stateStore(users)).forEach(part -> toHistory(part, users, ofUsers));
    assertThat(ofUsers.history).isEmpty();
  }

  private void toHistory(TaskStore store, FeatureGroup group, InMemoryStores stores) {
    StateBudget.Share share = fixture.budget.open();
    HistoryJournal journal =
        new HistoryJournal(
            store,
            new HistoryWriter(stores, new Lz4Packing(), Runnable::run),
            key -> HistoryKey.of(APP, group, key),
            share,
            millis -> {},
            HistoryJournal.BYTES_MAX);
    List<String> met = List.of();
    for (int turn = 0; turn < 10 && met.isEmpty(); turn++) {
      met = journal.turn(turn, Set.of("all"));
    }
    assertThat(met).containsExactly("all");
    share.close();
  }
}
