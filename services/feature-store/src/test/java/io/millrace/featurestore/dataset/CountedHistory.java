// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryRun;
import io.millrace.featurestore.history.HistoryStore;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Predicate;

/** A history that knows whose it was asked for. */
class CountedHistory implements HistoryStore {
  final Set<String> asked = new ConcurrentSkipListSet<>();
  private final HistoryStore history;

  CountedHistory(HistoryStore history) {
    this.history = history;
  }

  @Override
  public CompletionStage<Void> append(HistoryKey key, HistoryRun run) {
    return history.append(key, run);
  }

  @Override
  public CompletionStage<Void> appendLate(HistoryKey key, HistoryRow row) {
    return history.appendLate(key, row);
  }

  @Override
  public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
    asked.add(key.key());
    history.read(key, afterSeq, reader);
  }

  @Override
  public List<String> someKeys(HistoryKey like, int max) {
    return history.someKeys(like, max);
  }

  @Override
  public void deleteLineage(String app, String lineage) {
    history.deleteLineage(app, lineage);
  }
}
