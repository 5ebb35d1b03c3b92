// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.featurestore.history.EventBlock;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/**
 * Events of a task on their way to the history. With each commit they go, packed, into the task's
 * state; a while later all of a key's events go into the history together, and leave the state. So
 * a commit waits for no history, a row of it holds all that a key did in that while, and whoever
 * takes the task over, after whichever crash, finds in the state what the history may not have.
 *
 * <p>What is held is bounded: where the history does not keep up, no further event is taken until
 * it does. Not thread-safe.
 */
final class HistoryJournal {
  private static final byte BLOCKS = 'h';

  /** Unpacked bytes of a block: large enough to pack well, small enough for a record. */
  private static final int BLOCK_BYTES = 256 * 1024;

  /** Kafka takes records up to 1 MB; one event may be nearly as large. */
  private static final int STORED_BYTES_MAX = 900_000;

  /** Most that is held in the state, packed: on the disk, and read again by who takes over. */
  private static final long BYTES_MAX = 96L * 1024 * 1024;

  /**
   * Events wait so long for others of their key. A row costs Cassandra as much as 6 KB in it do, so
   * that those of busy keys should be long; and parity is measured once the history is there.
   */
  private static final long AGE_MS = 20_000;

  /** So long where they are few: then there is little to gain by waiting. */
  private static final long AGE_FEW_MS = 1_000;

  /** What is few, in packed bytes. */
  private static final int FEW_BYTES = 16 * 1024;

  private static final long RETRY_MS = 500;

  /** When what was found in the state came into it: not known. */
  private static final long LONG_AGO = Long.MIN_VALUE / 2;

  private final CommitStore store;
  private final HistoryWriter writer;
  private final Function<String, HistoryKey> keys;
  private final StateBudget.Share share;
  private final LongConsumer delays;
  private final EventBlock block = new EventBlock();

  /** Packed, and not in the state yet. */
  private List<Packed> unstored = new ArrayList<>();

  private long unstoredBytes;

  /** In the state, and being collected. */
  private Wave open = new Wave();

  /** On its way to the history. */
  private @Nullable Wave sent;

  /** Numbers of blocks that the history has, still in the state. */
  private List<Long> written = new ArrayList<>();

  private long nextBlock;

  /** Request to have everything in the history → the wave that is still waited for. */
  private final Map<String, Wave> requests = new HashMap<>();

  private final Set<String> answered = new HashSet<>();

  private record Packed(byte[] bytes, int unpackedBytes) {}

  /** Blocks that are in the state and go into the history together. */
  private final class Wave implements HistoryWriter.Blocks {
    private final List<Long> numbers = new ArrayList<>();
    private long bytes;
    private long unpackedBytes;
    private long openedMs = Long.MAX_VALUE;
    private CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    private long retryMs;

    void add(long number, Packed packed) {
      numbers.add(number);
      bytes += packed.bytes().length;
      unpackedBytes += packed.unpackedBytes();
    }

    boolean isEmpty() {
      return numbers.isEmpty();
    }

    @Override
    public int count() {
      return numbers.size();
    }

    @Override
    public long unpackedBytes() {
      return unpackedBytes;
    }

    @Override
    public byte[] get(int index) {
      byte[] stored = store.get(storeKey(numbers.get(index)));
      if (stored == null) {
        throw new IllegalStateException("block " + numbers.get(index) + " has left the state");
      }
      return stored;
    }
  }

  /** Blocks at hand. */
  private record Unstored(List<Packed> blocks, long unpackedBytes) implements HistoryWriter.Blocks {
    @Override
    public int count() {
      return blocks.size();
    }

    @Override
    public byte[] get(int index) {
      return blocks.get(index).bytes();
    }
  }

  /**
   * Takes up what the store holds.
   *
   * @param keys entity key → whose history
   * @param delays told of the events that have come into the history how many milliseconds the
   *     first of them took
   */
  HistoryJournal(
      CommitStore store,
      HistoryWriter writer,
      Function<String, HistoryKey> keys,
      StateBudget.Share share,
      LongConsumer delays) {
    this.delays = delays;
    this.store = store;
    this.writer = writer;
    this.keys = keys;
    this.share = share;
    try (KeyValueIterator<Bytes, byte[]> stored =
        store.range(new byte[] {BLOCKS}, new byte[] {BLOCKS + 1})) {
      while (stored.hasNext()) {
        KeyValue<Bytes, byte[]> each = stored.next();
        long number = ByteBuffer.wrap(each.key.get(), 1, Long.BYTES).getLong();
        int unpacked = writer.packing().unpackedLength(ByteBuffer.wrap(each.value));
        open.add(number, new Packed(each.value, unpacked));
        nextBlock = number + 1;
      }
    }
    if (!open.isEmpty()) {
      open.openedMs = LONG_AGO;
    }
  }

  /** Adds the event that made a state's version {@code seq}; 0 where it came too late for that. */
  void add(String key, long seq, Event event, byte[] raw) {
    block.add(key, seq, event.id(), event.eventTimeMs(), event.knownAtMs(), raw);
    if (block.length() >= BLOCK_BYTES) {
      seal();
    }
  }

  private void seal() {
    if (block.size() > 0) {
      ByteBuffer packed = writer.packing().pack(block.bytes(), block.length());
      byte[] exact = new byte[packed.remaining()];
      packed.get(exact);
      unstored.add(new Packed(exact, block.length()));
      unstoredBytes += exact.length;
      block.clear();
    }
  }

  /** Whether more is held than may be: see {@link #makeRoom}. */
  boolean isFull() {
    return unstoredBytes > share.writes()
        || open.bytes + (sent == null ? 0 : sent.bytes) > BYTES_MAX;
  }

  /**
   * Waits until less is held.
   *
   * @throws StoreUnavailableException at the deadline
   */
  void makeRoom(long nowMs, long deadlineNanos) {
    store(nowMs, deadlineNanos);
    while (isFull() && (sent != null || !open.isEmpty())) {
      if (sent == null) {
        send();
      }
      awaitSent(nowMs, deadlineNanos);
    }
  }

  /**
   * Puts all events into the state. Before any state that they made: at least once, a crash between
   * the two must not leave a state whose events nobody has.
   *
   * @param deadlineNanos for what is too large and has to go into the history at once
   */
  void store(long nowMs, long deadlineNanos) {
    seal();
    if (unstored.isEmpty()) {
      return;
    }
    if (unstored.stream().anyMatch(packed -> packed.bytes().length > STORED_BYTES_MAX)) {
      long unpacked = unstored.stream().mapToLong(Packed::unpackedBytes).sum();
      PendingWrites.await(writer.write(keys, new Unstored(unstored, unpacked)), deadlineNanos);
    } else {
      if (open.isEmpty()) {
        open.openedMs = nowMs;
      }
      for (Packed packed : unstored) {
        store.put(storeKey(nextBlock), packed.bytes());
        open.add(nextBlock++, packed);
      }
    }
    unstored = new ArrayList<>();
    unstoredBytes = 0;
  }

  /** Removes from the state what the history has. */
  void beforeCommit() {
    written.forEach(number -> store.delete(storeKey(number)));
    written = new ArrayList<>();
  }

  /** Whether there is something for {@link #beforeCommit} to remove. */
  boolean wantsCommit() {
    return !written.isEmpty();
  }

  /**
   * Does what is due, and does not wait for it.
   *
   * @param outstanding requests to have everything in the history
   * @return of those, the ones that are met and not answered yet
   */
  List<String> turn(long nowMs, Set<String> outstanding) {
    reap(nowMs);
    List<String> met = meet(outstanding);
    if (sent == null && !open.isEmpty() && isDue(nowMs)) {
      send();
    }
    return met;
  }

  private List<String> meet(Set<String> outstanding) {
    if (outstanding.isEmpty() && answered.isEmpty() && requests.isEmpty()) {
      return List.of();
    }
    answered.retainAll(outstanding);
    requests.keySet().retainAll(outstanding);
    Wave last = open.isEmpty() ? sent : open;
    List<String> met = new ArrayList<>();
    for (String request : outstanding) {
      if (answered.contains(request)) {
        continue;
      }
      if (last != null) {
        requests.putIfAbsent(request, last);
      }
      Wave awaited = requests.get(request);
      if (awaited == null || (awaited != open && awaited != sent)) {
        requests.remove(request);
        answered.add(request);
        met.add(request);
      }
    }
    return met;
  }

  private boolean isDue(long nowMs) {
    long age = nowMs - open.openedMs;
    return age >= AGE_MS
        || (age >= AGE_FEW_MS && open.bytes <= FEW_BYTES)
        || open.bytes > BYTES_MAX / 2
        || requests.containsValue(open);
  }

  private void send() {
    Wave wave = open;
    wave.done = writer.write(keys, wave);
    sent = wave;
    open = new Wave();
  }

  private void reap(long nowMs) {
    Wave wave = sent;
    if (wave == null || !wave.done.isDone()) {
      return;
    }
    if (!wave.done.isCompletedExceptionally()) {
      written.addAll(wave.numbers);
      sent = null;
      if (wave.openedMs != LONG_AGO) {
        delays.accept(nowMs - wave.openedMs);
      }
    } else if (wave.retryMs == 0) {
      wave.retryMs = nowMs + RETRY_MS;
    } else if (nowMs >= wave.retryMs) {
      wave.retryMs = 0;
      wave.done = writer.write(keys, wave);
    }
  }

  private void awaitSent(long nowMs, long deadlineNanos) {
    if (sent != null) {
      PendingWrites.await(sent.done, deadlineNanos);
      reap(nowMs);
    }
  }

  /** Ends; what the history does not have is in the state. */
  void close() {
    if (sent != null) {
      sent.done.cancel(false);
    }
  }

  private static byte[] storeKey(long number) {
    return ByteBuffer.allocate(1 + Long.BYTES).put(BLOCKS).putLong(number).array();
  }
}
