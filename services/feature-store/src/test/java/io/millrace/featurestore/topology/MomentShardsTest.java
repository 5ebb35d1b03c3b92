// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class MomentShardsTest {
  private static final long HOUR_MS = 3_600_000;
  private static final int MOMENTS = 10;

  private final KeyValueStore<Bytes, byte[]> stored = Stores.inMemoryKeyValueStore("labels").get();

  private MomentShards open() {
    return new MomentShards(new CommitStore(stored), MOMENTS);
  }

  @Test
  void next_hourThatIsFull_movesOnAtTheCommitOnly() {
    MomentShards shards = open();
    for (int i = 0; i < 3 * MOMENTS; i++) {
      assertThat(shards.next(i)).isZero();
    }
    shards.save();
    assertThat(shards.next(1)).isEqualTo(1);
    assertThat(shards.next(HOUR_MS)).isZero();
    assertThat(shards.next(-1)).isZero();
  }

  @Test
  void next_manyHoursAndRestarts_eachShardHoldsAtMostItsMomentsAndOneCommit() {
    Random random = new Random(3);
    MomentShards shards = open();
    Map<String, Integer> sizes = new HashMap<>();
    int commit = 7;
    for (int step = 0; step < 50_000; step++) {
      long hour = random.nextInt(30) - 15L;
      sizes.merge(hour + "/" + shards.next(hour * HOUR_MS + 5), 1, Integer::sum);
      if (step % commit == 0) {
        shards.save();
        shards = random.nextInt(50) == 0 ? open() : shards;
      }
    }
    assertThat(sizes.values()).allMatch(size -> size <= MOMENTS + commit);
    // The least that hold them all, give or take what one commit brings.
    assertThat(sizes).hasSizeBetween(50_000 / (MOMENTS + commit), 50_000 / MOMENTS + 30);
  }

  @Test
  void next_transactionThatIsTakenBackAndDoneAgain_givesEachMomentItsShardAgain() {
    MomentShards shards = open();
    for (int round = 0; round < 20; round++) {
      Map<Bytes, byte[]> before = all();
      List<Integer> first = moments(shards, round);
      shards.save();
      // The commit fails: state is what it was, and another instance goes on from there.
      all().keySet().forEach(stored::delete);
      before.forEach(stored::put);
      shards = open();
      assertThat(moments(shards, round)).isEqualTo(first);
      shards.save();
    }
    assertThat(shards.next(0)).isPositive();
  }

  private static List<Integer> moments(MomentShards shards, int round) {
    List<Integer> given = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      given.add(shards.next(round % 2 * HOUR_MS + i));
    }
    return given;
  }

  private Map<Bytes, byte[]> all() {
    Map<Bytes, byte[]> all = new HashMap<>();
    try (KeyValueIterator<Bytes, byte[]> entries = stored.all()) {
      while (entries.hasNext()) {
        KeyValue<Bytes, byte[]> next = entries.next();
        all.put(next.key, next.value);
      }
    }
    return all;
  }
}
