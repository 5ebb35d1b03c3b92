// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.view.ByteWriter;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.online.OnlineRecord;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class StateCacheTest {
  private static final int KEYS = 200;

  private final FeatureGroup group = Generation.of(Definitions.shop("shop")).groups().getFirst();
  private final KeyValueStore<Bytes, byte[]> stored = Stores.inMemoryKeyValueStore("states").get();

  /** How often it was said that states are about to be written. */
  private int calls;

  /** States that are never written anywhere. */
  private final Map<String, GroupState> expected = new HashMap<>();

  private StateCache open(long bytes) {
    CommitStore store = new CommitStore(stored);
    return new StateCache(
        group,
        store,
        new LargeStates(group, store, true),
        new StateBudget(bytes).open(),
        () -> calls++);
  }

  private byte[] encoded(GroupState state) {
    return OnlineRecord.encode(
        state.seq(), state.lastEventTimeMs(), group.encodeBlocks(state, new ByteWriter()));
  }

  private void update(StateCache cache, Random random, int step) {
    String key = "u" + random.nextInt(KEYS);
    Map<String, Object> data = Map.of("user", key, "item", "i" + step % 9, "price", step * 0.5);
    long time = Definitions.T0 + step * 1000L;
    group.apply(cache.change(key).state(), data, time);
    group.apply(expected.computeIfAbsent(key, absent -> group.newState()), data, time);
  }

  @Test
  void randomWork_littleMemoryAndCommits_losesNothing() {
    Random random = new Random(3);
    StateCache cache = open(1);
    long most = 0;
    for (int step = 0; step < 20_000; step++) {
      update(cache, random, step);
      most = Math.max(most, cache.bytes());
      if (step % 700 == 0) {
        cache.store();
      }
    }

    expected.forEach(
        (key, state) -> assertThat(cache.encoded(key)).as(key).isEqualTo(encoded(state)));
    // The smallest share, and the states that grew since they were last counted.
    assertThat(most).isLessThan(2 * new StateBudget(1).open().states());
    cache.store();
    StateCache restarted = open(1 << 30);
    expected.forEach(
        (key, state) -> assertThat(restarted.encoded(key)).as(key).isEqualTo(encoded(state)));
  }

  @Test
  void store_enoughMemory_writesOnlyThen() {
    Random random = new Random(4);
    StateCache cache = open(1 << 30);
    for (int step = 0; step < 2_000; step++) {
      update(cache, random, step);
    }
    assertThat(stored.approximateNumEntries()).isZero();

    assertThat(calls).isZero();

    cache.store();

    assertThat(stored.approximateNumEntries()).isEqualTo(expected.size());
    assertThat(calls).isOne();
  }

  @Test
  void share_moreTasks_getsLess() {
    StateBudget budget = new StateBudget(100 << 20);
    StateBudget.Share first = budget.open();
    long alone = first.states();
    StateBudget.Share second = budget.open();

    assertThat(first.states()).isEqualTo(alone / 2);
    second.close();
    second.close();
    assertThat(first.states()).isEqualTo(alone);
  }
}
