// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.featurestore.topology.TaskStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores in one RocksDB against sorted maps. */
class ScratchStoresTest {
  private static final int STORES = 3;

  @TempDir Path folder;

  @Test
  void stores_randomWritesAndRanges_areThoseOfSortedMaps() {
    Random random = new Random(7);
    List<Map<Bytes, byte[]>> expected = new ArrayList<>();
    try (ScratchStores scratch = new ScratchStores(folder)) {
      List<TaskStore> stores = new ArrayList<>();
      for (int i = 0; i < STORES; i++) {
        stores.add(scratch.open());
        expected.add(new TreeMap<>());
      }
      for (int i = 0; i < 3_000; i++) {
        int at = random.nextInt(STORES);
        byte[] key = key(random);
        byte[] value = new byte[random.nextInt(20)];
        random.nextBytes(value);
        switch (random.nextInt(4)) {
          case 0 -> {
            stores.get(at).delete(key);
            expected.get(at).remove(Bytes.wrap(key));
          }
          case 1 -> {
            byte[] gone = key(random);
            stores
                .get(at)
                .putAll(
                    List.of(
                        KeyValue.pair(Bytes.wrap(key), value),
                        KeyValue.pair(Bytes.wrap(gone), null)));
            expected.get(at).put(Bytes.wrap(key), value);
            expected.get(at).remove(Bytes.wrap(gone));
          }
          default -> {
            stores.get(at).put(key, value);
            expected.get(at).put(Bytes.wrap(key), value);
          }
        }
        byte[] asked = key(random);
        assertThat(stores.get(at).get(asked)).isEqualTo(expected.get(at).get(Bytes.wrap(asked)));
      }
      for (int at = 0; at < STORES; at++) {
        for (int i = 0; i < 200; i++) {
          byte[] from = key(random);
          byte[] to = key(random);
          assertThat(texts(stores.get(at), from, to)).isEqualTo(texts(expected.get(at), from, to));
        }
        byte[] last = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff};
        assertThat(texts(stores.get(at), new byte[0], last)).hasSize(expected.get(at).size());
      }
    }
  }

  /** Of few bytes, the greatest and the least among them. */
  private static byte[] key(Random random) {
    byte[] key = new byte[1 + random.nextInt(2)];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (random.nextInt(24) * 11 + 2);
    }
    return key;
  }

  private static List<String> texts(TaskStore store, byte[] from, byte[] to) {
    List<String> texts = new ArrayList<>();
    try (KeyValueIterator<Bytes, byte[]> range = store.range(from, to)) {
      while (range.hasNext()) {
        Bytes peeked = range.peekNextKey();
        KeyValue<Bytes, byte[]> next = range.next();
        assertThat(next.key).isEqualTo(peeked);
        texts.add(text(next.key.get(), next.value));
      }
    }
    return texts;
  }

  private static List<String> texts(Map<Bytes, byte[]> map, byte[] from, byte[] to) {
    return map.entrySet().stream()
        .filter(each -> Arrays.compareUnsigned(each.getKey().get(), from) >= 0)
        .filter(each -> Arrays.compareUnsigned(each.getKey().get(), to) <= 0)
        .map(each -> text(each.getKey().get(), each.getValue()))
        .toList();
  }

  private static String text(byte[] key, byte[] value) {
    return HexFormat.of().formatHex(key) + " " + HexFormat.of().formatHex(value);
  }
}
