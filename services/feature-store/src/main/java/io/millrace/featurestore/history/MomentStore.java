// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Prediction moments and their labels, by time. A label definition (named by its hash) has its own.
 * Writes are absolute and idempotent. Thread-safe.
 */
public interface MomentStore {
  /**
   * Keeps a moment; its label is left as it is. Completes when durable; may wait for {@link
   * #flush()}.
   *
   * @param partition of the label's topology that joins it
   * @param shard of the moment's hour; the same at each write of the same moment
   * @param event the deciding event
   * @param entities entity → key
   * @param data the event's fields as one JSON object
   */
  CompletionStage<Void> put(
      String labelHash,
      int partition,
      int shard,
      Event event,
      Map<String, String> entities,
      byte[] data);

  /**
   * Keeps a label; of two, the later call wins. Completes when durable; may wait for {@link
   * #flush()}.
   *
   * @param shard in which its moment lies
   */
  CompletionStage<Void> label(String labelHash, int shard, OutcomeLabelled label);

  /**
   * Keeps that every window of a partition which ended before a stream time has its label.
   *
   * @param streamTimeMs event time, exclusive
   */
  CompletionStage<Void> closed(String app, String labelHash, int partition, long streamTimeMs);

  /**
   * Reads what {@link #closed(String, String, int, long)} kept: partition → stream time.
   *
   * @throws StoreUnavailableException where the store does not answer
   */
  Map<Integer, Long> closed(String app, String labelHash);

  /** Sends what has been held back to go together. */
  void flush();

  /**
   * Reads moments in order of (moment, id), labelled or not.
   *
   * @param fromMs inclusive
   * @param toMs exclusive
   * @throws StoreUnavailableException where the store does not answer
   */
  void read(String app, String labelHash, long fromMs, long toMs, Consumer<Moment> reader);

  /** Removes every moment of a label definition. */
  void delete(String app, String labelHash);
}
