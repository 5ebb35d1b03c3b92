// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Shows how far a replay is: a bar that is drawn over on a terminal, now and then a line elsewhere.
 * Thread-safe.
 */
final class Progress implements AutoCloseable {
  private static final Duration ON_TERMINAL = Duration.ofMillis(500);
  private static final Duration ELSEWHERE = Duration.ofSeconds(5);
  private static final int WIDTH = 30;

  private final PrintStream err;
  private final long bytesAll;
  private final boolean terminal;
  private final long startNanos = System.nanoTime();
  private final AtomicLong rows = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong waits = new AtomicLong();
  private final ScheduledExecutorService drawing =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("progress").factory());

  Progress(PrintStream err, long bytesAll, boolean terminal) {
    this.err = err;
    this.bytesAll = bytesAll;
    this.terminal = terminal;
    long period = (terminal ? ON_TERMINAL : ELSEWHERE).toMillis();
    drawing.scheduleAtFixedRate(this::draw, period, period, TimeUnit.MILLISECONDS);
  }

  /** A chunk is in the books; chunks end in any order. */
  void taken(int moreRows, int moreBytes) {
    rows.addAndGet(moreRows);
    bytes.addAndGet(moreBytes);
  }

  /** The receiver asked to wait. */
  void waited() {
    waits.incrementAndGet();
  }

  /** Since the beginning. */
  double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private void draw() {
    err.print(terminal ? "\r" + line() + "\u001b[K" : line() + "\n");
    err.flush();
  }

  private String line() {
    double share = Math.min(1.0, (double) bytes.get() / (double) Math.max(1, bytesAll));
    int filled = (int) Math.round(share * WIDTH);
    double seconds = seconds();
    String eta =
        share > 0 && share < 1 ? "%.0f s left".formatted(seconds * (1 - share) / share) : "";
    return String.format(
        Locale.ROOT,
        "[%s%s] %3.0f %%  %,d rows  %,.0f rows/s  %s%s",
        "#".repeat(filled),
        "-".repeat(WIDTH - filled),
        share * 100,
        rows.get(),
        (double) rows.get() / Math.max(seconds, 1e-3),
        eta,
        waits.get() == 0 ? "" : "  (asked to wait " + waits.get() + " times)");
  }

  @Override
  public void close() {
    drawing.shutdownNow();
    draw();
    if (terminal) {
      err.println();
    }
  }
}
