// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchStatementBuilder;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.DefaultBatchType;
import com.datastax.oss.driver.api.core.cql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Puts writes to one partition together in one unlogged batch: a request costs far more than a row.
 * A batch goes when it is full, when a row of it would be written twice (all rows of a batch have
 * one timestamp, so the later write would not surely win), and at {@link #flush()}. Thread-safe.
 *
 * <p>Its timestamp is taken where it is taken out of what is open, not where it is sent: a thread
 * that flushes another's batches may be held up in between, and a write that failed is sent again.
 * A label's correction would be older than what it corrects.
 */
final class Batches {
  /** Cassandra warns at 5 KiB. */
  private static final int BYTES_MAX = 4 * 1024;

  private static final int PARTITIONS_MAX = 1024;

  private final BoundedSession session;
  private final Map<Object, Batch> open = new LinkedHashMap<>();

  private static final class Batch {
    private final List<BoundStatement> statements = new ArrayList<>();
    private final Set<Object> rows = new HashSet<>();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private int bytes;
    private long timestamp;
  }

  Batches(BoundedSession session) {
    this.session = session;
  }

  /**
   * Adds a write.
   *
   * @param partition equal for writes to one partition
   * @param row equal for writes of the same columns of one row
   * @param bytes about how large it is
   * @return completes when the batch is durable, which may have to wait for {@link #flush()}
   */
  CompletionStage<Void> add(Object partition, Object row, BoundStatement statement, int bytes) {
    List<Batch> ready = new ArrayList<>();
    Batch batch;
    synchronized (open) {
      Batch before = open.get(partition);
      if (before != null && (before.bytes + bytes > BYTES_MAX || before.rows.contains(row))) {
        before.timestamp = session.nextTimestamp();
        ready.add(before);
        open.remove(partition);
      }
      if (open.size() >= PARTITIONS_MAX) {
        ready.addAll(takeAll());
      }
      batch = open.computeIfAbsent(partition, absent -> new Batch());
      batch.statements.add(statement);
      batch.rows.add(row);
      batch.bytes += bytes;
    }
    ready.forEach(this::send);
    return batch.done;
  }

  /** Sends everything that is waiting. */
  void flush() {
    List<Batch> ready;
    synchronized (open) {
      ready = takeAll();
    }
    ready.forEach(this::send);
  }

  private List<Batch> takeAll() {
    List<Batch> all = List.copyOf(open.values());
    all.forEach(batch -> batch.timestamp = session.nextTimestamp());
    open.clear();
    return all;
  }

  private void send(Batch batch) {
    session
        .write(together(batch.statements).setQueryTimestamp(batch.timestamp))
        .whenComplete(
            (ok, failure) -> {
              if (failure == null) {
                batch.done.complete(null);
              } else {
                batch.done.completeExceptionally(failure);
              }
            });
  }

  /** One request for all of them, at least one. */
  static Statement<?> together(List<BoundStatement> statements) {
    if (statements.size() == 1) {
      return statements.getFirst();
    }
    BatchStatementBuilder builder = BatchStatement.builder(DefaultBatchType.UNLOGGED);
    statements.forEach(builder::addStatement);
    return builder.setIdempotence(true).build();
  }
}
