// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** A history that another one keeps; to be changed in one place. */
public class HistoryStoreOf implements HistoryStore {
  private final HistoryStore history;

  public HistoryStoreOf(HistoryStore history) {
    this.history = history;
  }

  @Override
  public CompletionStage<Void> append(HistoryKey key, HistoryRun run) {
    return history.append(key, run);
  }

  @Override
  public CompletionStage<Void> append(List<Addition> additions) {
    return history.append(additions);
  }

  @Override
  public CompletionStage<Void> appendLate(HistoryKey key, HistoryRow row) {
    return history.appendLate(key, row);
  }

  @Override
  public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
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

  @Override
  public void deleteAll(String app) {
    history.deleteAll(app);
  }
}
