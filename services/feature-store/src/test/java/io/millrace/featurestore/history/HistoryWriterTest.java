// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryWriterTest {
  private static final String APP = "shop";

  private final Lz4Packing packing = new Lz4Packing();
  private final InMemoryStores stores = new InMemoryStores();
  private final List<byte[]> blocks = new ArrayList<>();
  private final EventBlock block = new EventBlock();
  private final Map<String, Long> seqs = new HashMap<>();
  private final Map<HistoryKey, TreeMap<Long, HistoryRow>> expected = new HashMap<>();

  private static HistoryKey key(String key) {
    return new HistoryKey(APP, "event", "entity", "", key);
  }

  private static byte[] json(int i) {
    return ("{\"n\":" + i + "}").getBytes(StandardCharsets.UTF_8);
  }

  private void event(String key, int i) {
    long seq = seqs.merge(key, 1L, Long::sum);
    HistoryRow row = new HistoryRow(seq, "id-" + i, 1_000L + i, 2_000L + i, json(i));
    expected.computeIfAbsent(key(key), absent -> new TreeMap<>()).put(seq, row);
    add(key, row);
  }

  private void add(String key, HistoryRow row) {
    block.add(key, row.seq(), row.id(), row.eventTimeMs(), row.knownAtMs(), row.data());
  }

  private void seal() {
    ByteBuffer packed = packing.pack(block.bytes(), block.length());
    byte[] bytes = new byte[packed.remaining()];
    packed.get(bytes);
    blocks.add(bytes);
    block.clear();
  }

  private HistoryWriter.Blocks blocks() {
    return new HistoryWriter.Blocks() {
      @Override
      public int count() {
        return blocks.size();
      }

      @Override
      public long unpackedBytes() {
        return blocks.stream()
            .mapToLong(block -> packing.unpackedLength(ByteBuffer.wrap(block)))
            .sum();
      }

      @Override
      public byte[] get(int index) {
        return blocks.get(index);
      }
    };
  }

  private void write(int passBytes) {
    CompletableFuture<Void> done =
        new HistoryWriter(stores, packing, Runnable::run, passBytes)
            .write(HistoryWriterTest::key, blocks());
    assertThat(done).isCompleted();
  }

  private void isAsExpected() {
    assertThat(InMemoryStores.texts(stores.history)).isEqualTo(InMemoryStores.texts(expected));
  }

  @ParameterizedTest
  @ValueSource(ints = {20_000, 100_000, 1 << 24})
  void write_manyKeysInManyBlocks_eachRowOnceAndInSequence(int passBytes) {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      // One key has more rows than a bucket holds.
      event(random.nextInt(3) == 0 ? "busy" : "k" + random.nextInt(300), i);
      if (i % 700 == 0) {
        seal();
      }
    }
    seal();

    write(passBytes);

    isAsExpected();
  }

  @Test
  void write_eventsOfOneKeyInManyBlocks_makeFewRows() {
    List<List<HistoryStore.Addition>> requests = new ArrayList<>();
    InMemoryStores counting = stores;
    HistoryStore store =
        new HistoryStoreOf(counting) {
          @Override
          public CompletionStage<Void> append(List<Addition> additions) {
            requests.add(additions);
            return super.append(additions);
          }
        };
    for (int i = 0; i < 1_000; i++) {
      event("a", i);
      if (i % 10 == 0) {
        seal();
      }
    }
    seal();

    new HistoryWriter(store, packing, Runnable::run).write(HistoryWriterTest::key, blocks()).join();

    isAsExpected();
    assertThat(requests).hasSize(1);
    assertThat(requests.getFirst()).hasSize(Math.ceilDiv(1_000, HistoryRun.ROWS_MAX));
  }

  /** A pass takes a part of the keys; one key with most of the events is bounded otherwise. */
  @Test
  void write_oneBusyKey_isWrittenInPieces() {
    List<Integer> pieces = new ArrayList<>();
    HistoryStore store =
        new HistoryStoreOf(stores) {
          @Override
          public CompletionStage<Void> append(List<Addition> additions) {
            pieces.add(additions.stream().mapToInt(each -> each.run().size()).sum());
            return super.append(additions);
          }
        };
    for (int i = 0; i < 20_000; i++) {
      event("busy", i);
      if (i % 100 == 0) {
        seal();
      }
    }
    seal();

    new HistoryWriter(store, packing, Runnable::run, 10_000)
        .write(HistoryWriterTest::key, blocks())
        .join();

    isAsExpected();
    assertThat(pieces).allMatch(rows -> rows < 3_000);
  }

  @Test
  void write_blocksOfAfterACrash_passesOverWhatComesAgain() {
    for (int i = 0; i < 10; i++) {
      event("a", i);
    }
    seal();
    for (int i = 4; i < 10; i++) {
      add("a", new HistoryRow(i + 1, "id-" + i, 1_000L + i, 2_000L + i, json(i)));
    }
    event("a", 10);
    seal();

    write(1 << 20);

    isAsExpected();
  }

  @Test
  void write_rowsThatAreMissing_beginAnotherRun() {
    event("a", 0);
    seqs.put("a", 6L);
    event("a", 1);
    seal();

    write(1 << 20);

    isAsExpected();
    assertThat(stores.history.get(key("a")).keySet()).containsExactly(1L, 7L);
  }

  @Test
  void write_lateEvents_areKeptApart() {
    event("a", 0);
    add("a", new HistoryRow(0, "late", 5, 9_000, json(7)));
    event("a", 1);
    seal();

    write(1 << 20);

    isAsExpected();
    assertThat(stores.late).extracting(HistoryRow::id).containsExactly("late");
  }

  @Test
  void write_storeThatIsAway_saysSo() {
    HistoryStore away =
        new HistoryStoreOf(stores) {
          @Override
          public CompletionStage<Void> append(List<Addition> additions) {
            return CompletableFuture.failedFuture(new StoreUnavailableException("away"));
          }
        };
    event("a", 0);
    seal();

    assertThat(
            new HistoryWriter(away, packing, Runnable::run).write(HistoryWriterTest::key, blocks()))
        .isCompletedExceptionally();
  }

  @Test
  void write_cancelled_writesNoFurther() {
    List<Runnable> waiting = new ArrayList<>();
    event("a", 0);
    seal();
    CompletableFuture<Void> done =
        new HistoryWriter(stores, packing, waiting::add).write(HistoryWriterTest::key, blocks());

    done.cancel(false);
    waiting.forEach(Runnable::run);

    assertThat(stores.history).isEmpty();
  }
}
