// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * Puts concurrent requests together: while one batch is being answered the next one gathers, so
 * that a lone request waits for nobody and many share a feature read and a model call. The queue is
 * bounded. Thread-safe.
 *
 * @param <Q> question
 * @param <A> answer
 */
public final class RequestBatcher<Q, A> implements AutoCloseable {
  private final BlockingQueue<Pending<Q, A>> queue;
  private final int batchSizeMax;
  private final Function<List<Q>, List<A>> answer;
  private final List<Thread> workers = new ArrayList<>();
  private volatile boolean closed;

  private record Pending<Q, A>(Q question, CompletableFuture<A> answer) {}

  /**
   * @param queueSizeMax requests that may wait; more are refused
   * @param batchSizeMax requests answered together
   * @param workers batches in flight at a time
   * @param answer answers a batch, in order
   */
  public RequestBatcher(
      String name,
      int queueSizeMax,
      int batchSizeMax,
      int workers,
      Function<List<Q>, List<A>> answer) {
    this.queue = new ArrayBlockingQueue<>(queueSizeMax);
    this.batchSizeMax = batchSizeMax;
    this.answer = answer;
    for (int i = 0; i < workers; i++) {
      this.workers.add(Thread.ofVirtual().name(name + "-batcher-" + i).start(this::work));
    }
  }

  /**
   * Asks a question. Whoever stops waiting cancels the future: a question that has not been taken
   * into a batch by then is dropped.
   *
   * @throws RejectedExecutionException where the queue is full
   */
  public CompletableFuture<A> submit(Q question) {
    CompletableFuture<A> future = new CompletableFuture<>();
    Pending<Q, A> pending = new Pending<>(question, future);
    if (closed || !queue.offer(pending)) {
      throw new RejectedExecutionException("too many prediction requests are waiting");
    }
    if (closed && queue.remove(pending)) {
      // Closing had emptied the queue already: nobody would ever answer.
      throw new RejectedExecutionException("the service is stopping");
    }
    return future;
  }

  public int waiting() {
    return queue.size();
  }

  private void work() {
    List<Pending<Q, A>> batch = new ArrayList<>(batchSizeMax);
    try {
      while (!closed) {
        batch.clear();
        batch.add(queue.take());
        queue.drainTo(batch, batchSizeMax - 1);
        batch.removeIf(each -> each.answer().isDone());
        if (!batch.isEmpty()) {
          answer(batch);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(List<Pending<Q, A>> batch) {
    try {
      List<A> answers = answer.apply(batch.stream().map(Pending::question).toList());
      if (answers.size() != batch.size()) {
        throw new IllegalStateException(
            answers.size() + " answers to " + batch.size() + " questions");
      }
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).answer().complete(answers.get(i));
      }
    } catch (RuntimeException | LinkageError e) {
      // A native library that does not load is an Error: it must reach whoever asked, too.
      batch.forEach(each -> each.answer().completeExceptionally(e));
    }
  }

  @Override
  public void close() {
    closed = true;
    workers.forEach(Thread::interrupt);
    List<Pending<Q, A>> left = new ArrayList<>();
    queue.drainTo(left);
    left.forEach(
        each ->
            each.answer()
                .completeExceptionally(new IllegalStateException("the service is stopping")));
  }
}
