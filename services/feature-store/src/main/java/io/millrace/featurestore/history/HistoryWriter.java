// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings blocks of events, which stand in the order in which they were applied, into the history,
 * where they stand by key: all events of a key together, because a row costs the store about as
 * much as hundreds of bytes do. What is unpacked at a time is bounded: many blocks are gone through
 * several times, each time for another part of the keys. Thread-safe.
 */
public final class HistoryWriter {
  /** Packed {@link EventBlock}s in the order in which they were made. */
  public interface Blocks {
    /** How many there are. */
    int count();

    /** About how many bytes they are unpacked, all together. */
    long unpackedBytes();

    /** One of them; asked for by another thread than the owner's, and more than once. */
    byte[] get(int index);
  }

  /** What is at hand of unpacked events, about. */
  private static final int PASS_BYTES = 16 * 1024 * 1024;

  private final HistoryStore store;
  private final Packing packing;
  private final Executor executor;
  private final int passBytes;

  /**
   * @param packing of blocks
   * @param executor writes one after the other, so that only one has its events unpacked
   */
  public HistoryWriter(HistoryStore store, Packing packing, Executor executor) {
    this(store, packing, executor, PASS_BYTES);
  }

  HistoryWriter(HistoryStore store, Packing packing, Executor executor, int passBytes) {
    this.store = store;
    this.packing = packing;
    this.executor = executor;
    this.passBytes = passBytes;
  }

  /** How blocks are packed. */
  public Packing packing() {
    return packing;
  }

  /**
   * Writes all events of some blocks, and does not wait for it.
   *
   * @param keys entity key → whose history
   * @return completes when everything is durable, exceptionally where the store is gone for too
   *     long; to write again is harmless. Cancelled, it writes no further.
   */
  public CompletableFuture<Void> write(Function<String, HistoryKey> keys, Blocks blocks) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    executor.execute(
        () -> {
          try {
            writeAll(keys, blocks, done);
            done.complete(null);
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
            if (e instanceof Error error) {
              throw error;
            }
          }
        });
    return done;
  }

  private void writeAll(
      Function<String, HistoryKey> keys, Blocks blocks, CompletableFuture<Void> done) {
    int passes = Math.toIntExact(Math.max(1, Math.ceilDiv(blocks.unpackedBytes(), passBytes)));
    for (int pass = 0; pass < passes; pass++) {
      Map<String, Runs> byKey = new LinkedHashMap<>();
      List<CompletableFuture<Void>> late = new ArrayList<>();
      long atHand = 0;
      for (int i = 0; i < blocks.count(); i++) {
        if (done.isDone()) {
          return;
        }
        EventBlock.Cursor event =
            new EventBlock.Cursor(Varint.array(packing.unpack(ByteBuffer.wrap(blocks.get(i)))));
        while (event.next()) {
          if (passes > 1 && part(event.keyHash(), passes) != pass) {
            continue;
          }
          String key = event.key();
          if (event.seq() == 0) {
            late.add(store.appendLate(keys.apply(key), event.row()).toCompletableFuture());
          } else {
            byKey.computeIfAbsent(key, each -> new Runs(keys.apply(each))).add(event);
          }
          atHand += event.bytes();
        }
        if (atHand > 2L * passBytes) {
          // One key may have most of the events: no pass makes its part small.
          append(byKey, late);
          atHand = 0;
        }
      }
      append(byKey, late);
    }
  }

  /** Writes what is at hand, and waits for it. */
  private void append(Map<String, Runs> byKey, List<CompletableFuture<Void>> late) {
    List<HistoryStore.Addition> additions = new ArrayList<>();
    byKey.values().forEach(runs -> runs.moveTo(additions));
    store.append(additions).toCompletableFuture().join();
    CompletableFuture.allOf(late.toArray(CompletableFuture[]::new)).join();
    late.clear();
  }

  /** Waits until nothing is being written any more that has been cancelled. */
  public void awaitCancelled() {
    CompletableFuture.runAsync(() -> {}, executor).join();
  }

  private static int part(int hash, int parts) {
    return Math.floorMod(hash ^ (hash >>> 16), parts);
  }

  /** The events of one key on their way, in as few runs as they make. */
  private static final class Runs {
    private final HistoryKey key;
    private final List<HistoryStore.Addition> runs = new ArrayList<>();

    /** To which the next event may be added. */
    private @Nullable HistoryRun last;

    /** What follows the events there were; 0 before any. */
    private long next;

    Runs(HistoryKey key) {
      this.key = key;
    }

    void add(EventBlock.Cursor event) {
      long seq = event.seq();
      if (seq < next) {
        // Applied again after a crash: the n-th event of a key is the same again.
        return;
      }
      HistoryRun run = last;
      if (run == null || seq > next || run.isFull() || (seq - 1) % HistoryStore.BUCKET_ROWS == 0) {
        run = new HistoryRun(seq);
        runs.add(new HistoryStore.Addition(key, run));
        last = run;
      }
      event.addTo(run);
      next = seq + 1;
    }

    void moveTo(List<HistoryStore.Addition> additions) {
      additions.addAll(runs);
      runs.clear();
      last = null;
    }
  }
}
