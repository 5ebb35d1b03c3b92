// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.LatestBySpan;
import io.millrace.common.contract.SkewJudged;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The latest verdicts, on data and on skew, of every application, event and span: of each
 * application the last {@value #MOST} of either, without findings and statistics. What is forgotten
 * has no verdict any more and is not trained on. Thread-safe.
 */
public final class VerdictBook {
  /** Verdicts kept of an application: two years of hours, or fifty of days. */
  static final int MOST = 20_000;

  private final Map<String, LatestBySpan<DataVerdict>> byApp = new HashMap<>();
  private final Map<String, LatestBySpan<SkewJudged>> skewsByApp = new HashMap<>();
  private long changes;

  /** Takes a verdict; it replaces an earlier one of its event and span. */
  public synchronized void accept(DataVerdict verdict) {
    byApp.computeIfAbsent(verdict.app(), app -> new LatestBySpan<>(MOST)).take(verdict.bare());
    changes++;
    notifyAll();
  }

  /** Takes a verdict on skew. Nobody waits for one: it comes long after its span, or never. */
  public synchronized void accept(SkewJudged judged) {
    skewsByApp.computeIfAbsent(judged.app(), app -> new LatestBySpan<>(MOST)).take(judged.bare());
  }

  /** Forgets an application. */
  public synchronized void forget(String app) {
    byApp.remove(app);
    skewsByApp.remove(app);
  }

  public synchronized Collection<SkewJudged> skews(String app) {
    LatestBySpan<SkewJudged> skews = skewsByApp.get(app);
    return skews == null ? List.of() : List.copyOf(skews.all());
  }

  public synchronized Collection<DataVerdict> of(String app) {
    LatestBySpan<DataVerdict> verdicts = byApp.get(app);
    return verdicts == null ? List.of() : List.copyOf(verdicts.all());
  }

  /** How many verdicts have been taken. */
  public synchronized long changes() {
    return changes;
  }

  /** Waits for a verdict after the given count, at most this long. */
  public synchronized void awaitChange(long seen, long limitMs) throws InterruptedException {
    long deadline = System.nanoTime() + limitMs * 1_000_000;
    while (changes == seen) {
      long leftMs = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return;
      }
      wait(leftMs);
    }
  }
}
