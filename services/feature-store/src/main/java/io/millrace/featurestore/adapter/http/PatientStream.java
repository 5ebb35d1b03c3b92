// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The body of an answer whose sender may stop sending in the middle, which the client itself would
 * wait for without end: a read that takes too long fails. That nobody reads is no matter. Not
 * thread-safe.
 */
final class PatientStream extends FilterInputStream {
  private static final long IDLE = Long.MIN_VALUE;

  private final long patienceNanos;
  private volatile long readingSince = IDLE;
  private volatile boolean ended;

  /**
   * @param patience for each read
   */
  PatientStream(InputStream body, Duration patience) {
    super(body);
    patienceNanos = patience.toNanos();
    Thread.ofVirtual().name("patient-stream").start(this::watch);
  }

  private void watch() {
    try {
      while (!ended) {
        TimeUnit.NANOSECONDS.sleep(patienceNanos / 4);
        long since = readingSince;
        if (since != IDLE && System.nanoTime() - since > patienceNanos) {
          close();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // Whoever reads sees it.
    }
  }

  @Override
  public int read() throws IOException {
    readingSince = System.nanoTime();
    try {
      return in.read();
    } finally {
      readingSince = IDLE;
    }
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    readingSince = System.nanoTime();
    try {
      return in.read(bytes, from, length);
    } finally {
      readingSince = IDLE;
    }
  }

  @Override
  public void close() throws IOException {
    ended = true;
    in.close();
  }
}
