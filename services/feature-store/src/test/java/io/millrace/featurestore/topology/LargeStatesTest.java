// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import io.millrace.features.view.ByteWriter;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.online.OnlineRecord;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.internals.InMemoryKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** States of several records, against ones that are never written anywhere. */
class LargeStatesTest {
  private static final int RECORD_MAX = 600 * 1024;
  private static final List<String> KEYS = List.of("a", "ab", "b", "\u0001s");

  private final FeatureGroup group = group();
  private final Map<String, GroupState> expected = new HashMap<>();
  private Recorded stored = new Recorded();
  private long clock = Definitions.T0;

  /** Remembers what was put, in order; null was deleted. */
  private static final class Recorded extends InMemoryKeyValueStore {
    private final List<Map.Entry<Bytes, byte @Nullable []>> puts = new ArrayList<>();

    Recorded() {
      super("states");
    }

    @Override
    public void put(Bytes key, byte @Nullable [] value) {
      puts.add(new SimpleEntry<>(key, value));
      super.put(key, value);
    }

    @Override
    public byte[] delete(Bytes key) {
      puts.add(new SimpleEntry<>(key, null));
      return super.delete(key);
    }

    long bytesSince(int from) {
      return puts.subList(from, puts.size()).stream()
          .mapToLong(
              put ->
                  put.getKey().get().length + (put.getValue() == null ? 0 : put.getValue().length))
          .sum();
    }

    /** What is left of the first puts. */
    Recorded asOf(int count) {
      Recorded then = new Recorded();
      puts.subList(0, count).forEach(put -> then.put(put.getKey(), put.getValue()));
      return then;
    }
  }

  private static FeatureGroup group() {
    Map<String, FeatureDefinition> many = new LinkedHashMap<>();
    many.put("distinct_30d", Definitions.bounded("count_distinct", "item", "30d", 100_000));
    many.put(
        "distinct_day",
        Definitions.bounded("count_distinct", "item", "calendar day Europe/London", 100_000));
    many.put("n_1h", FeatureDefinition.of("count", null, "1h"));
    Map<String, FeatureDefinition> texts =
        Map.of(
            "last", Definitions.bounded("last_n", "item", null, 1_000),
            "rare", Definitions.bounded("histogram", "item", "1d", 50));
    Map<String, FeatureViewDefinition> views = new LinkedHashMap<>();
    views.put("many", new FeatureViewDefinition("impression", "user", null, many, null, null));
    views.put("texts", new FeatureViewDefinition("impression", "user", null, texts, null, null));
    return Generation.of(Definitions.only("shop", views)).groups().getFirst();
  }

  private StateCache open(boolean segmenting, long bytes) {
    CommitStore store = new CommitStore(stored);
    return new StateCache(
        group,
        store,
        new LargeStates(group, store, segmenting),
        new StateBudget(bytes).open(),
        () -> {});
  }

  private byte[] encoded(GroupState state) {
    return OnlineRecord.encode(
        state.seq(), state.lastEventTimeMs(), group.encodeBlocks(state, new ByteWriter()));
  }

  private void update(StateCache cache, String key, String item, long time) {
    Map<String, Object> data = Map.of("user", key, "item", item, "price", 1.0);
    group.apply(cache.change(key).state(), data, time);
    group.apply(expected.computeIfAbsent(key, absent -> group.newState()), data, time);
  }

  /** Few keys get most of the events, so that some states become large and others do not. */
  private void updates(StateCache cache, Random random, int count) {
    for (int i = 0; i < count; i++) {
      String key = KEYS.get(Math.min(random.nextInt(KEYS.size()), random.nextInt(KEYS.size())));
      clock += random.nextInt(200) == 0 ? 20_000_000 : random.nextInt(60_000);
      long late = random.nextInt(10) == 0 ? random.nextInt(3_000_000) : 0;
      String item = "item" + random.nextInt(100_000) + "x".repeat(random.nextInt(1_200));
      update(cache, key, item, clock - late);
    }
  }

  private void equal(StateCache cache) {
    expected.forEach(
        (key, state) -> assertThat(cache.encoded(key)).as(key).isEqualTo(encoded(state)));
  }

  private void recordsAreBounded() {
    assertThat(stored.puts)
        .allSatisfy(
            put ->
                assertThat(put.getValue() == null ? 0 : put.getValue().length)
                    .isLessThan(RECORD_MAX));
  }

  /** Of the bits, each says for one run of the service whether commits are atomic in it. */
  @ParameterizedTest
  @ValueSource(ints = {0b111111, 0b000000, 0b010110, 0b101001})
  void randomWork_restartsAndLittleMemory_losesNothing(int atomic) {
    Random random = new Random(atomic);
    for (int run = 0; run < 6; run++) {
      StateCache cache = open((atomic >> run & 1) == 1, run % 2 == 0 ? 1 : 1 << 30);
      for (int commit = 0; commit < 8; commit++) {
        updates(cache, random, 50 * (1 + run));
        cache.store();
      }
      equal(cache);
    }
    equal(open(true, 1 << 30));
    recordsAreBounded();
    assertThat(encoded(Objects.requireNonNull(expected.get("a"))).length).isGreaterThan(RECORD_MAX);
  }

  @Test
  void store_largeState_writesLittleMoreThanWhatChanged() {
    StateCache cache = open(true, 1 << 30);
    Random random = new Random(5);
    for (int i = 0; i < 30_000; i++) {
      update(cache, "a", "item" + random.nextInt(1 << 20), clock + i % 5 * 90_000_000L);
    }
    cache.store();
    int before = stored.puts.size();
    long whole = encoded(Objects.requireNonNull(expected.get("a"))).length;

    // The day is new, so that the sets of the days before are not in the head any more.
    update(cache, "a", "another", clock + 5 * 90_000_000L);
    cache.store();
    int first = stored.puts.size();
    update(cache, "a", "yet another", clock + 5 * 90_000_000L);
    cache.store();

    assertThat(stored.bytesSince(first)).isLessThan(whole / 10);
    assertThat(stored.bytesSince(before)).isLessThan(whole);
    equal(open(true, 1 << 30));
  }

  @Test
  void store_smallState_isOneRecord() {
    StateCache cache = open(true, 1 << 30);
    for (int i = 0; i < 20; i++) {
      update(cache, "a", "item" + i % 4, clock + i);
      cache.store();
    }

    assertThat(stored.puts).hasSize(20);
    assertThat(stored.approximateNumEntries()).isOne();
  }

  /** Without atomic commits a crash leaves the first of the writes: a state that there was. */
  @Test
  void store_notAtomicAndCutAnywhere_leavesAStateThatThereWas() {
    Random random = new Random(9);
    StateCache cache = open(false, 1 << 30);
    Map<Long, byte[]> versions = new HashMap<>();
    for (int commit = 0; commit < 12; commit++) {
      for (int i = 0; i < 150; i++) {
        clock += 1_000;
        update(cache, "a", "x".repeat(900) + random.nextInt(1 << 20), clock);
      }
      cache.store();
      GroupState state = Objects.requireNonNull(expected.get("a"));
      versions.put(state.seq(), encoded(state));
    }
    Recorded all = stored;
    OnlineRecord found = new OnlineRecord();
    assertThat(all.puts).as("records and parts of them").hasSizeGreaterThan(2 * versions.size());
    for (int cut = 1; cut <= all.puts.size(); cut++) {
      stored = all.asOf(cut);
      byte[] state = open(false, 1 << 30).encoded("a");
      found.read(state, group.blocks());
      if (found.seq() > 0) {
        assertThat(state).as("cut after %d writes", cut).isEqualTo(versions.get(found.seq()));
      }
      if (state.length > 512 * 1024) {
        int parts = Math.ceilDiv(state.length, 512 * 1024);
        assertThat(stored.approximateNumEntries()).as("no part is left over").isEqualTo(1 + parts);
      }
    }
  }
}
