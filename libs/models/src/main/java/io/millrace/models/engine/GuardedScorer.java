// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Checks sizes, and keeps native memory alive until the last call that uses it has returned: calls
 * hold the read lock, closing takes the write lock.
 */
abstract class GuardedScorer implements Scorer {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final int width;
  private boolean closed;

  GuardedScorer(int width) {
    this.width = width;
  }

  abstract double[] compute(float[] batch, int rows);

  abstract void free();

  @Override
  public final int width() {
    return width;
  }

  @Override
  public final double[] score(float[] batch, int rows) {
    if (rows < 0 || batch.length != (long) rows * width) {
      throw new IllegalArgumentException(
          "%d values are not %d rows of %d columns".formatted(batch.length, rows, width));
    }
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the model is closed");
      }
      return rows == 0 ? new double[0] : compute(batch, rows);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public final void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        free();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
