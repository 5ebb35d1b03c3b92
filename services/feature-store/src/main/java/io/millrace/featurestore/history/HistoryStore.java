// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** Accepted events by entity, for ever. Writes are absolute and idempotent. Thread-safe. */
public interface HistoryStore {
  /** Sequence numbers of one bucket, from 1: a run never crosses into the next. */
  int BUCKET_ROWS = 4096;

  /**
   * Adds rows, all of one bucket. Completes when durable, exceptionally where the store is gone for
   * too long.
   */
  CompletionStage<Void> append(HistoryKey key, HistoryRun run);

  /**
   * Rows to be added to one history.
   *
   * @param key whose history
   * @param run the rows
   */
  record Addition(HistoryKey key, HistoryRun run) {}

  /** Adds rows to several histories, in no order. Completes when all of them are durable. */
  default CompletionStage<Void> append(List<Addition> additions) {
    return CompletableFuture.allOf(
        additions.stream()
            .map(each -> append(each.key(), each.run()).toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  /**
   * Keeps an event that came too late to change any state.
   *
   * @param row its sequence number has no meaning
   */
  CompletionStage<Void> appendLate(HistoryKey key, HistoryRow row);

  /**
   * Reads a history in sequence, page by page, until it ends or the reader has enough.
   *
   * @param afterSeq only rows with a greater sequence number; 0 means all
   * @param reader returns false to stop
   * @throws StoreUnavailableException where the store does not answer
   */
  void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader);

  /**
   * Some of the entity keys that have a history beside this one, from all over the store.
   *
   * @param like whose application, event, entity and lineage; its own key does not matter
   * @param max how many at most; fewer come where the store holds much else
   * @throws StoreUnavailableException where the store does not answer
   */
  List<String> someKeys(HistoryKey like, int max);

  /** Removes every history of a lineage. */
  void deleteLineage(String app, String lineage);

  /** Removes every history of an application, of whichever lineage, and its late events. */
  void deleteAll(String app);
}
