// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.featurestore.history.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a store that is away again, as long as it is not away for too long. Immutable and
 * thread-safe.
 *
 * @param limit how long a store may be away
 * @param pause between two questions
 */
record Patience(Duration limit, Duration pause) {
  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

  /**
   * What a question answers; it must be one that can be asked again.
   *
   * @throws StoreUnavailableException where the store does not come back in time
   */
  <T> T of(Supplier<T> question) {
    @Nullable Long awaySince = null;
    while (true) {
      try {
        return question.get();
      } catch (StoreUnavailableException e) {
        if ((awaySince != null && System.nanoTime() - awaySince >= limit.toNanos())
            || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        if (awaySince == null) {
          // Not since the question: a long history may take longer than that to be read.
          awaySince = System.nanoTime();
          LOG.warn("a dataset waits for its store: {}", e.getMessage());
        }
        LockSupport.parkNanos(pause.toNanos());
      }
    }
  }
}
