// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.adapter.lz4.Lz4Packing;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryStoreOf;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class HistoryJournalTest {
  private static final long SOON = Duration.ofSeconds(2).toMillis();
  private static final long LATER = Duration.ofSeconds(21).toMillis();

  private final InMemoryStores stores = new InMemoryStores();
  private final Deque<Runnable> writes = new ArrayDeque<>();
  private final StateBudget.Share share = new StateBudget(64 << 20).open();
  private final Map<String, Long> seqs = new HashMap<>();
  private final Map<HistoryKey, TreeMap<Long, HistoryRow>> expected = new HashMap<>();
  private KeyValueStore<Bytes, byte[]> state = Stores.inMemoryKeyValueStore("state").get();
  private final Random random = new Random(9);
  private final List<Long> delays = new ArrayList<>();
  private boolean away;
  private int events;
  private long now = 1_000_000;

  private HistoryJournal open() {
    return open(share);
  }

  private HistoryJournal open(StateBudget.Share of) {
    HistoryStoreOf store =
        new HistoryStoreOf(stores) {
          @Override
          public CompletionStage<Void> append(List<Addition> additions) {
            return away
                ? CompletableFuture.failedFuture(new StoreUnavailableException("away"))
                : super.append(additions);
          }
        };
    return new HistoryJournal(
        new CommitStore(state),
        new HistoryWriter(store, new Lz4Packing(), writes::add),
        HistoryJournalTest::key,
        of,
        delays::add,
        HistoryJournal.BYTES_MAX);
  }

  private static HistoryKey key(String key) {
    return new HistoryKey("shop", "event", "entity", "", key);
  }

  private void add(HistoryJournal journal, String key, byte[] raw) {
    long seq = seqs.merge(key, 1L, Long::sum);
    int n = events++;
    Event event = new Event("shop", "event", "id-" + n, key, n, n, Map.of());
    journal.add(key, seq, event, raw);
    expected
        .computeIfAbsent(key(key), absent -> new TreeMap<>())
        .put(seq, new HistoryRow(seq, "id-" + n, n, n, raw));
  }

  private void add(HistoryJournal journal, int count, int size) {
    for (int i = 0; i < count; i++) {
      byte[] raw = new byte[size];
      random.nextBytes(raw);
      add(journal, "k" + random.nextInt(5), raw);
    }
  }

  private void commit(HistoryJournal journal) {
    journal.store(now);
    journal.beforeCommit();
  }

  private List<String> turn(HistoryJournal journal, long afterMs, String... outstanding) {
    now += afterMs;
    return journal.turn(now, Set.of(outstanding));
  }

  private void write() {
    while (!writes.isEmpty()) {
      writes.remove().run();
    }
  }

  private void isAsExpected() {
    assertThat(InMemoryStores.texts(stores.history)).isEqualTo(InMemoryStores.texts(expected));
  }

  @Test
  void turn_fewEvents_goAfterASecondAndLeaveTheState() {
    HistoryJournal journal = open();
    add(journal, 20, 50);
    commit(journal);
    turn(journal, 20);
    assertThat(writes).isEmpty();
    assertThat(state.approximateNumEntries()).isOne();

    turn(journal, SOON);
    assertThat(writes).hasSize(1);
    assertThat(journal.wantsCommit()).isFalse();
    assertThat(delays).isEmpty();
    write();
    turn(journal, 20);
    assertThat(delays).containsExactly(20 + SOON + 20);

    isAsExpected();
    assertThat(journal.wantsCommit()).isTrue();
    commit(journal);
    assertThat(state.approximateNumEntries()).isZero();
    assertThat(journal.wantsCommit()).isFalse();
  }

  @Test
  void turn_manyEvents_waitForOthersOfTheirKeys() {
    HistoryJournal journal = open();
    add(journal, 1_000, 50);
    commit(journal);
    turn(journal, SOON);
    add(journal, 1_000, 50);
    commit(journal);
    assertThat(writes).isEmpty();

    turn(journal, LATER);
    write();

    isAsExpected();
  }

  @Test
  void open_whatWasCommittedAndNotWritten_isWritten() {
    HistoryJournal journal = open();
    add(journal, 100, 50);
    commit(journal);
    turn(journal, SOON);
    add(journal, 100, 50);
    commit(journal);
    // The process dies: neither wave was written.
    writes.clear();

    HistoryJournal restarted = open();
    turn(restarted, 20);
    write();

    isAsExpected();
    turn(restarted, 20);
    commit(restarted);
    assertThat(state.approximateNumEntries()).isZero();
  }

  @Test
  void open_whatWasWrittenAndNotRemoved_isWrittenAgainAndGoesOn() {
    HistoryJournal journal = open();
    add(journal, 100, 50);
    commit(journal);
    turn(journal, SOON);
    write();

    HistoryJournal restarted = open();
    add(restarted, 100, 50);
    commit(restarted);
    turn(restarted, 20);
    turn(restarted, LATER);
    write();

    isAsExpected();
    turn(restarted, 20);
    commit(restarted);
    assertThat(state.approximateNumEntries()).isZero();
  }

  @Test
  void turn_historyAway_isTriedAgainUntilItIsBack() {
    HistoryJournal journal = open();
    add(journal, 20, 50);
    commit(journal);
    away = true;
    turn(journal, SOON);
    write();
    for (int i = 0; i < 5; i++) {
      turn(journal, SOON);
      write();
    }
    assertThat(stores.history).isEmpty();
    assertThat(state.approximateNumEntries()).isOne();

    away = false;
    turn(journal, SOON);
    turn(journal, SOON);
    write();
    turn(journal, 20);

    isAsExpected();
    assertThat(journal.wantsCommit()).isTrue();
  }

  @Test
  void makeRoom_betweenCommits_bringsItsShareOfMemoryIntoTheState() {
    StateBudget.Share small = new StateBudget(1).open();
    HistoryJournal journal = open(small);
    for (int i = 0; i < 3_000; i++) {
      if (journal.isFull()) {
        journal.makeRoom(now);
        assertThat(journal.isFull()).isFalse();
      }
      add(journal, 1, 1_000);
    }
    // Three megabytes that do not pack, and room for 64 KB.
    assertThat(state.approximateNumEntries()).isGreaterThan(5);

    commit(journal);
    turn(journal, LATER);
    write();
    isAsExpected();
  }

  @Test
  void makeRoom_historyTooSlow_waitsAndLosesNothing() {
    HistoryJournal journal = open();
    long waited = 0;
    for (int i = 0; i < 1_010; i++) {
      if (journal.isFull()) {
        long begin = System.nanoTime();
        journal.makeRoom(now);
        waited = System.nanoTime() - begin;
        if (waited > 500_000_000) {
          break;
        }
      }
      add(journal, 1, 100_000);
      turn(journal, 1);
    }
    // It waited for the history, which stands still, and not for ever.
    assertThat(Duration.ofNanos(waited)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(20));
    assertThat(events).isBetween(900, 1_010);
    assertThat(writes).as("one wave at a time").hasSize(1);
    HistoryJournal restarted = open();

    for (int i = 0; i < 20 && !writes.isEmpty(); i++) {
      write();
      turn(restarted, SOON);
    }

    isAsExpected();
    commit(restarted);
    assertThat(state.approximateNumEntries()).isZero();
    assertThat(restarted.isFull()).isFalse();
  }

  @Test
  void turn_muchAtOnce_goesInWavesOfWhichEachLeavesTheStateWhenItIsWritten() {
    HistoryJournal journal = open();
    add(journal, 400, 100_000);
    commit(journal);
    long before = state.approximateNumEntries();
    turn(journal, 20);
    assertThat(writes).hasSize(1);

    write();
    turn(journal, 20);
    commit(journal);

    assertThat(state.approximateNumEntries()).isBetween(before / 2, before - 10);
    assertThat(writes).hasSize(1);
    write();
    turn(journal, LATER);
    write();
    turn(journal, LATER);
    write();
    isAsExpected();
  }

  @Test
  void store_eventTooLargeForARecord_goesInParts() {
    HistoryJournal journal = open();
    add(journal, 3, 50);
    add(journal, 1, 1_000_000);
    add(journal, 3, 50);
    commit(journal);
    assertThat(state.approximateNumEntries()).isGreaterThan(1);

    turn(journal, LATER);
    write();
    isAsExpected();
    turn(journal, 20);
    commit(journal);
    assertThat(state.approximateNumEntries()).isZero();
  }

  @Test
  void open_largeEventInParts_isTakenUp() {
    HistoryJournal journal = open();
    add(journal, 1, 1_000_000);
    add(journal, 3, 50);
    commit(journal);

    HistoryJournal restarted = open();
    turn(restarted, 20);
    write();

    isAsExpected();
  }

  @Test
  void open_blockCutOffBetweenItsParts_isDropped() {
    HistoryJournal journal = open();
    add(journal, 3, 50);
    commit(journal);
    Map<HistoryKey, TreeMap<Long, HistoryRow>> before = new HashMap<>();
    expected.forEach((key, rows) -> before.put(key, new TreeMap<>(rows)));
    add(journal, 1, 1_000_000);
    commit(journal);
    Bytes last;
    try (KeyValueIterator<Bytes, byte[]> all = state.reverseAll()) {
      last = all.next().key;
    }
    state.delete(last);

    HistoryJournal restarted = open();
    turn(restarted, 20);
    write();
    turn(restarted, 20);
    commit(restarted);

    assertThat(InMemoryStores.texts(stores.history)).isEqualTo(InMemoryStores.texts(before));
    assertThat(state.approximateNumEntries()).isZero();
  }

  @Test
  void turn_request_isAnsweredOnceAllThatWasThereIsWritten() {
    HistoryJournal journal = open();
    assertThat(turn(journal, 20, "first")).containsExactly("first");
    assertThat(turn(journal, 20, "first")).isEmpty();

    add(journal, 1_000, 50);
    commit(journal);
    assertThat(turn(journal, 20, "second")).isEmpty();
    assertThat(writes).as("does not wait for others").hasSize(1);
    add(journal, 1_000, 50);
    commit(journal);
    assertThat(turn(journal, 20, "second", "third")).isEmpty();
    write();

    assertThat(turn(journal, 20, "second", "third")).containsExactly("second");
    assertThat(turn(journal, 20, "second", "third")).isEmpty();
    write();
    assertThat(turn(journal, 20, "second", "third")).containsExactly("third");
    isAsExpected();
  }

  @Test
  void close_whatIsUnderWay_isNotWrittenAnyMore() {
    HistoryJournal journal = open();
    add(journal, 20, 50);
    commit(journal);
    turn(journal, SOON);

    journal.close();
    write();

    assertThat(stores.history).isEmpty();
    assertThat(state.approximateNumEntries()).isOne();
  }
}
