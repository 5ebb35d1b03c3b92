// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class LabelStoreTest {
  private final KeyValueStore<Bytes, byte[]> stored = Stores.inMemoryKeyValueStore("labels").get();

  /** What a store without memory, writing at once, would hold. */
  private final NavigableMap<Bytes, byte[]> entries = new TreeMap<>();

  private final NavigableSet<Bytes> deadlines = new TreeSet<>();

  private LabelStore open(int entriesMax) {
    return new LabelStore(new CommitStore(stored), entriesMax);
  }

  @Test
  void randomWork_littleMemoryCommitsAndRestarts_equalsAPlainMap() {
    Random random = new Random(7);
    LabelStore store = open(30);
    for (int step = 0; step < 20_000; step++) {
      String joinKey = "k" + random.nextInt(12) + (random.nextInt(4) == 0 ? "ÿ" : "");
      long time = random.nextInt(200) - 100L;
      byte[] key =
          random.nextBoolean()
              ? LabelKeys.moment(joinKey, time, "i" + random.nextInt(3))
              : LabelKeys.positive(joinKey, time);
      switch (random.nextInt(10)) {
        case 0, 1, 2 -> {
          byte[] value = {(byte) step};
          store.put(key, value);
          entries.put(Bytes.wrap(key), value);
          if (deadlines.add(Bytes.wrap(LabelKeys.deadline(time, key)))) {
            store.setDeadline(time, key);
          }
        }
        case 3, 4 -> {
          store.delete(key);
          entries.remove(Bytes.wrap(key));
          store.removeDeadline(time, key);
          deadlines.remove(Bytes.wrap(LabelKeys.deadline(time, key)));
        }
        case 5, 6 -> assertThat(store.get(key)).isEqualTo(entries.get(Bytes.wrap(key)));
        case 7 -> sameRange(store, joinKey, time, time + random.nextInt(100));
        case 8 -> sameDue(store, time - 50, 1 + random.nextInt(20));
        default -> {
          if (random.nextInt(20) == 0) {
            store.save();
            assertStored();
            store = random.nextBoolean() ? store : open(30);
          }
        }
      }
    }
  }

  private void sameRange(LabelStore store, String joinKey, long from, long to) {
    byte[] first = LabelKeys.momentsFrom(joinKey, from);
    byte[] last = LabelKeys.momentsTo(joinKey, to);
    assertThat(store.range(first, last).stream().map(Map.Entry::getKey))
        .containsExactlyElementsOf(
            entries.subMap(Bytes.wrap(first), true, Bytes.wrap(last), true).keySet());
  }

  private void sameDue(LabelStore store, long before, int most) {
    List<byte[]> expected = new ArrayList<>();
    while (expected.size() < most
        && !deadlines.isEmpty()
        && deadlines.first().compareTo(Bytes.wrap(LabelKeys.deadlinesFrom(before))) < 0) {
      expected.add(LabelKeys.entryOf(deadlines.removeFirst().get()));
    }
    assertThat(store.due(before, most)).containsExactlyElementsOf(expected);
  }

  private void assertStored() {
    NavigableSet<Bytes> expected = new TreeSet<>(entries.keySet());
    expected.addAll(deadlines);
    List<Bytes> actual = new ArrayList<>();
    try (var all = stored.all()) {
      all.forEachRemaining(entry -> actual.add(entry.key));
    }
    assertThat(actual).containsExactlyElementsOf(expected);
  }

  @Test
  void save_entriesThatCameAndWent_writesNothing() {
    LabelStore store = open(30);
    byte[] key = LabelKeys.moment("k", 5, "i");
    store.put(key, new byte[] {1});
    store.setDeadline(9, key);
    store.delete(key);
    store.removeDeadline(9, key);
    store.save();

    assertThat(stored.approximateNumEntries()).isZero();
  }
}
