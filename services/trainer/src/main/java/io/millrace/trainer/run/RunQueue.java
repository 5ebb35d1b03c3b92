// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs one after the other on a thread of its own. A job is acknowledged after it has ended,
 * in the order of submission; what is queued or running when the process stops is not, and comes
 * again.
 */
public final class RunQueue implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunQueue.class);
  private static final long STOP_MS = 10_000;

  private final BlockingQueue<Job> waiting;
  private @Nullable Thread worker;
  private volatile @Nullable String failure;

  /**
   * @param capacity most jobs that wait; a submitter of one more waits too
   */
  public RunQueue(int capacity) {
    waiting = new ArrayBlockingQueue<>(capacity);
  }

  /** One job. */
  public interface Job {
    /** Does the work. */
    void run() throws InterruptedException;

    /** Called once the work is done. */
    void acknowledge();
  }

  /** Starts the worker. */
  public synchronized void start() {
    if (worker == null) {
      worker = Thread.ofPlatform().name("training-run").start(this::work);
    }
  }

  /** Hands over a job; waits while the queue is full. */
  public void submit(Job job) throws InterruptedException {
    waiting.put(job);
  }

  /** Jobs that wait. */
  public int size() {
    return waiting.size();
  }

  /** Why no more jobs are run; null while all is well. */
  public @Nullable String failure() {
    return failure;
  }

  /** Interrupts the running job and forgets the waiting ones. */
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      running = worker;
      worker = null;
    }
    if (running != null) {
      running.interrupt();
      try {
        running.join(STOP_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    waiting.clear();
  }

  private void work() {
    try {
      while (true) {
        Job job = waiting.take();
        try {
          job.run();
          job.acknowledge();
        } catch (RuntimeException e) {
          // Going on would acknowledge later jobs, and with them this one.
          LOG.error("a training run could not be recorded; no more runs until a restart", e);
          failure = String.valueOf(e);
          return;
        }
      }
    } catch (InterruptedException e) {
      LOG.info("training stops");
    }
  }
}
