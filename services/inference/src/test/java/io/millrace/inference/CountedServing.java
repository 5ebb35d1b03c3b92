// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.millrace.inference.serving.ServingMeter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What serving reports, as sums. Thread-safe. */
public class CountedServing implements ServingMeter {
  public final AtomicInteger served = new AtomicInteger();
  public final AtomicInteger skipped = new AtomicInteger();
  public final AtomicInteger rejected = new AtomicInteger();

  /** By version and derived feature. */
  public final Map<String, Integer> undefined = new ConcurrentHashMap<>();

  @Override
  public void served(String app, String source, int predictions, long latencyMsMax) {
    served.addAndGet(predictions);
  }

  @Override
  public void undefined(String app, String version, String derived, int predictions) {
    undefined.merge(version + " " + derived, predictions, Integer::sum);
  }

  @Override
  public void skipped(String app, int events) {
    skipped.addAndGet(events);
  }

  @Override
  public void fallback(String app, String reason, int predictions) {
    // Predictions tell it themselves.
  }

  @Override
  public void rejected(String app, int records) {
    rejected.addAndGet(records);
  }
}
