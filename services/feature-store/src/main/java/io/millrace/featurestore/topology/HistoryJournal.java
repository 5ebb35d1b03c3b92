// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.contract.Event;
import io.millrace.featurestore.history.EventBlock;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryWriter;
import io.millrace.featurestore.history.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events of a task on their way to the history. With each commit they go, packed, into the task's
 * state; a while later all of a key's events go into the history together, and leave the state. So
 * a commit waits for no history, a row of it holds all that a key did in that while, and whoever
 * takes the task over, after whichever crash, finds in the state what the history may not have.
 *
 * <p>What is held is bounded: where the history does not keep up, each further event waits a while
 * for it. Not thread-safe.
 */
final class HistoryJournal implements Journal {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryJournal.class);
  private static final byte BLOCKS = 'h';

  /** Unpacked bytes of a block: large enough to pack well, small enough for a record. */
  private static final int BLOCK_BYTES = 256 * 1024;

  /** Kafka takes records up to 1 MB; a block with one large event is larger, and goes in parts. */
  private static final int RECORD_BYTES = 512 * 1024;

  /**
   * Packed bytes of blocks that go into the history together: what has been written before a
   * failure, or before the task moves, need not be written again.
   */
  private static final long WAVE_BYTES = 12L * 1024 * 1024;

  /** Most that a task holds, packed: on the disk, and read again by who takes over. */
  static final long BYTES_MAX = 96L * 1024 * 1024;

  /** So long an event waits where more is held: Kafka's transactions must not get old. */
  private static final Duration ROOM_WAIT = Duration.ofSeconds(1);

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

  private final TaskStore store;
  private final HistoryWriter writer;
  private final Function<String, HistoryKey> keys;
  private final StateBudget.Share share;
  private final LongConsumer delays;
  private final long bytesMax;
  private final EventBlock block = new EventBlock();

  /** At least once, two owners of a task may write for a moment; not into each other's blocks. */
  private final int incarnation = UUID.randomUUID().hashCode();

  /** Packed, and not in the state yet. */
  private List<Packed> unstored = new ArrayList<>();

  private long unstoredBytes;

  /** In the state, and being collected. */
  private Wave open = new Wave();

  /** In the state, in the order in which they go into the history; the first is under way. */
  private final Deque<Wave> waiting = new ArrayDeque<>();

  private long waitingBytes;

  /** Keys of records that the state need not have any more. */
  private List<byte[]> written = new ArrayList<>();

  private long nextBlock;

  /** Request to have everything in the history → the wave that is still waited for. */
  private final Map<String, Wave> requests = new HashMap<>();

  private final Set<String> answered = new HashSet<>();

  private record Packed(byte[] bytes, int unpackedBytes) {}

  /** Where a block lies in the state: keys of its parts. */
  private record Place(List<byte[]> keys) {}

  /** Blocks that are in the state and go into the history together. */
  private final class Wave implements HistoryWriter.Blocks {
    private final List<Place> blocks = new ArrayList<>();
    private long bytes;
    private long unpackedBytes;
    private long openedMs = Long.MAX_VALUE;
    private @Nullable CompletableFuture<Void> done;
    private long retryMs;

    void add(Place place, long packed, int unpacked) {
      blocks.add(place);
      bytes += packed;
      unpackedBytes += unpacked;
    }

    boolean isEmpty() {
      return blocks.isEmpty();
    }

    @Override
    public int count() {
      return blocks.size();
    }

    @Override
    public long unpackedBytes() {
      return unpackedBytes;
    }

    @Override
    public byte[] get(int index) {
      byte[] whole = new byte[0];
      for (byte[] key : blocks.get(index).keys()) {
        byte[] part = store.get(key);
        if (part == null) {
          throw new IllegalStateException("a block has left the state");
        }
        whole = whole.length == 0 ? part : joined(whole, part);
      }
      return whole;
    }
  }

  /**
   * Takes up what the store holds.
   *
   * @param keys entity key → whose history
   * @param delays told of the events that have come into the history how many milliseconds the
   *     first of them took
   * @param bytesMax most that is held in the state, packed
   */
  HistoryJournal(
      TaskStore store,
      HistoryWriter writer,
      Function<String, HistoryKey> keys,
      StateBudget.Share share,
      LongConsumer delays,
      long bytesMax) {
    this.delays = delays;
    this.bytesMax = bytesMax;
    this.store = store;
    this.writer = writer;
    this.keys = keys;
    this.share = share;
    takeUp();
  }

  private void takeUp() {
    List<byte[]> parts = new ArrayList<>();
    byte[] whole = new byte[0];
    try (KeyValueIterator<Bytes, byte[]> stored =
        store.range(new byte[] {BLOCKS}, new byte[] {BLOCKS + 1})) {
      while (stored.hasNext()) {
        KeyValue<Bytes, byte[]> each = stored.next();
        byte[] key = each.key.get();
        int part = key[key.length - 2];
        if (part == 0) {
          written.addAll(parts);
          parts.clear();
          whole = each.value;
        } else if (part == parts.size()) {
          whole = joined(whole, each.value);
        }
        parts.add(key);
        nextBlock = ByteBuffer.wrap(key, 1, Long.BYTES).getLong() + 1;
        if (parts.size() == key[key.length - 1]) {
          open.openedMs = LONG_AGO;
          open.add(
              new Place(List.copyOf(parts)),
              whole.length,
              writer.packing().unpackedLength(ByteBuffer.wrap(whole)));
          closeIfLarge();
          parts.clear();
        }
      }
    }
    // Of what was cut off between its parts, the state knows nothing: it will be applied again.
    written.addAll(parts);
  }

  @Override
  public void add(String key, long seq, Event event, byte[] raw) {
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

  @Override
  public boolean isFull() {
    return unstoredBytes > share.writes() || open.bytes + waitingBytes > bytesMax;
  }

  /**
   * Brings what is in memory into the state, and waits a while for the history where that holds too
   * much. It is no failure if it still does: the next event waits again, and commits go on.
   */
  @Override
  public void makeRoom(long nowMs) {
    store(nowMs);
    if (!isFull()) {
      return;
    }
    if (waiting.isEmpty()) {
      closeOpen();
    }
    start(nowMs);
    Wave first = waiting.peek();
    if (first != null && first.done != null) {
      try {
        PendingWrites.await(first.done, System.nanoTime() + ROOM_WAIT.toNanos());
      } catch (StoreUnavailableException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
      start(nowMs);
    }
  }

  /**
   * Puts all events into the state. Before any state that they made: at least once, a crash between
   * the two must not leave a state whose events nobody has.
   */
  @Override
  public void store(long nowMs) {
    seal();
    for (Packed packed : unstored) {
      if (open.isEmpty()) {
        open.openedMs = nowMs;
      }
      int parts = Math.ceilDiv(packed.bytes().length, RECORD_BYTES);
      List<byte[]> place = new ArrayList<>(parts);
      for (int part = 0; part < parts; part++) {
        byte[] key = storeKey(nextBlock, part, parts);
        int from = part * RECORD_BYTES;
        int to = Math.min(packed.bytes().length, from + RECORD_BYTES);
        store.put(key, parts == 1 ? packed.bytes() : Arrays.copyOfRange(packed.bytes(), from, to));
        place.add(key);
      }
      nextBlock++;
      open.add(new Place(place), packed.bytes().length, packed.unpackedBytes());
      closeIfLarge();
    }
    unstored = new ArrayList<>();
    unstoredBytes = 0;
  }

  private void closeIfLarge() {
    if (open.bytes > WAVE_BYTES) {
      closeOpen();
    }
  }

  private void closeOpen() {
    waiting.add(open);
    waitingBytes += open.bytes;
    open = new Wave();
  }

  /** Removes from the state what the history has. */
  @Override
  public void beforeCommit() {
    written.forEach(store::delete);
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
   * @return of those, the ones that have been met since the last turn
   */
  List<String> turn(long nowMs, Set<String> outstanding) {
    start(nowMs);
    List<String> met = meet(outstanding);
    if (!open.isEmpty() && (requests.containsValue(open) || (waiting.isEmpty() && isDue(nowMs)))) {
      closeOpen();
      start(nowMs);
    }
    return met;
  }

  private List<String> meet(Set<String> outstanding) {
    if (outstanding.isEmpty() && answered.isEmpty() && requests.isEmpty()) {
      return List.of();
    }
    answered.retainAll(outstanding);
    requests.keySet().retainAll(outstanding);
    Wave last = open.isEmpty() ? waiting.peekLast() : open;
    List<String> met = new ArrayList<>();
    for (String request : outstanding) {
      if (answered.contains(request)) {
        continue;
      }
      if (last != null) {
        requests.putIfAbsent(request, last);
      }
      Wave awaited = requests.get(request);
      if (awaited == null || (awaited != open && !waiting.contains(awaited))) {
        requests.remove(request);
        answered.add(request);
        met.add(request);
      }
    }
    return met;
  }

  private boolean isDue(long nowMs) {
    long age = nowMs - open.openedMs;
    return age >= AGE_MS || (age >= AGE_FEW_MS && open.bytes <= FEW_BYTES);
  }

  /** Takes leave of what has been written, and has the next wave written. */
  private void start(long nowMs) {
    Wave first = waiting.peek();
    while (first != null && first.done != null && first.done.state() == Future.State.SUCCESS) {
      first.blocks.forEach(place -> written.addAll(place.keys()));
      waitingBytes -= first.bytes;
      if (first.openedMs != LONG_AGO) {
        delays.accept(nowMs - first.openedMs);
      }
      waiting.remove();
      first = waiting.peek();
    }
    if (first == null) {
      return;
    }
    if (first.done == null) {
      first.done = writer.write(keys, first);
    } else if (first.done.isCompletedExceptionally()) {
      if (first.retryMs == 0) {
        LOG.warn("events wait for the history: {}", String.valueOf(first.done.exceptionNow()));
        first.retryMs = nowMs + RETRY_MS;
      } else if (nowMs >= first.retryMs) {
        first.retryMs = 0;
        first.done = writer.write(keys, first);
      }
    }
  }

  /** Ends; what the history does not have is in the state. */
  void close() {
    Wave first = waiting.peek();
    if (first != null && first.done != null) {
      first.done.cancel(false);
    }
  }

  private byte[] storeKey(long number, int part, int parts) {
    return ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES + 2)
        .put(BLOCKS)
        .putLong(number)
        .putInt(incarnation)
        .put((byte) part)
        .put((byte) parts)
        .array();
  }

  private static byte[] joined(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
