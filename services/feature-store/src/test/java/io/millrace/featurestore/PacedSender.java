// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/** Sends events in batches, at a steady pace, on a thread of its own until it is closed. */
final class PacedSender implements AutoCloseable {
  private final LiveBackends live;
  private final Topics topics;
  private final List<Event> sent;
  private final IntFunction<Event> event;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Thread thread;
  private volatile int taken;

  /**
   * Begins to send.
   *
   * @param sent gets each event before it is sent; a list for several threads
   * @param batch events of each batch
   * @param every from the beginning of one batch to that of the next
   * @param event the event with a number, which is the place that it gets in the list
   */
  PacedSender(
      LiveBackends live,
      Topics topics,
      List<Event> sent,
      int batch,
      Duration every,
      IntFunction<Event> event) {
    this.live = live;
    this.topics = topics;
    this.sent = sent;
    this.event = event;
    thread = Thread.ofPlatform().name("load").start(() -> send(batch, every));
  }

  private void send(int size, Duration every) {
    long due = System.nanoTime();
    while (!stop.get()) {
      List<Event> batch = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        batch.add(event.apply(sent.size() + i));
      }
      sent.addAll(batch);
      live.send(topics, batch);
      taken = sent.size();
      due += every.toNanos();
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  /** How many events of the list the broker has. */
  int taken() {
    return taken;
  }

  /** Ends when the last batch is sent. */
  @Override
  public void close() {
    stop.set(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
