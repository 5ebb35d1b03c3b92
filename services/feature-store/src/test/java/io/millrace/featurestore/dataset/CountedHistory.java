// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.featurestore.history.HistoricEvent;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.HistoryStoreOf;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Predicate;

/** A history that knows whose it was asked for. */
class CountedHistory extends HistoryStoreOf {
  final Set<String> asked = new ConcurrentSkipListSet<>();

  CountedHistory(HistoryStore history) {
    super(history);
  }

  @Override
  public void read(HistoryKey key, long afterSeq, Predicate<HistoricEvent> reader) {
    asked.add(key.key());
    super.read(key, afterSeq, reader);
  }
}
