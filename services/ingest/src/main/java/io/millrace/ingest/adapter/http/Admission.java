// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.http;

import io.millrace.chassis.http.ProblemException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Bounds what is in the service at once: bytes of bodies and requests being taken in. Who finds no
 * place in a moment is asked to come back. Thread-safe.
 */
final class Admission {
  private static final Duration BYTES_WAIT = Duration.ofMillis(500);
  private static final Duration PLACE_WAIT = Duration.ofSeconds(2);
  private static final int RETRY_AFTER_S = 1;

  private final Semaphore bytes;
  private final Semaphore places;

  Admission(int bytesMax, int placesMax) {
    this.bytes = new Semaphore(bytesMax, true);
    this.places = new Semaphore(placesMax, true);
  }

  /** Runs with memory for a body. */
  <T> T withBytes(int count, Supplier<T> work) {
    return with(bytes, count, BYTES_WAIT, "too many bytes on their way in", work);
  }

  /** Runs at one of the places. */
  <T> T atPlace(Supplier<T> work) {
    return with(places, 1, PLACE_WAIT, "too many requests at once", work);
  }

  private static <T> T with(
      Semaphore permits, int count, Duration wait, String reason, Supplier<T> work) {
    try {
      if (!permits.tryAcquire(count, wait.toMillis(), TimeUnit.MILLISECONDS)) {
        throw ProblemException.overloaded("There are " + reason + ".", RETRY_AFTER_S);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ProblemException.unavailable("The service is stopping.", RETRY_AFTER_S);
    }
    try {
      return work.get();
    } finally {
      permits.release(count);
    }
  }
}
