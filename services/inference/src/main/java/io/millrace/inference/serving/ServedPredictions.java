// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

import io.millrace.common.contract.PredictionServed;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The predictions of every way of asking, to be polled with a cursor. */
public interface ServedPredictions {
  /**
   * @param predictions in the order of each partition
   * @param cursor where to go on; equal to the asked one where nothing is new
   */
  record Page(List<PredictionServed> predictions, String cursor) {}

  /**
   * Reads on from a cursor.
   *
   * @param after cursor of an earlier page; null means from the beginning
   * @param limit most predictions to return
   * @param wait how long to wait for the first new one
   * @throws IllegalArgumentException where the cursor is not one of ours
   * @throws java.util.concurrent.RejectedExecutionException where too many are reading
   */
  Page read(String app, @Nullable String after, int limit, Duration wait);
}
