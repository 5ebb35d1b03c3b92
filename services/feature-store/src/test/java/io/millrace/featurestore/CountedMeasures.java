// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.featurestore.progress.Measures;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** Measures as sums by name. Thread-safe. */
public class CountedMeasures implements Measures {
  public final Map<String, Long> sums = new ConcurrentSkipListMap<>();

  private void add(String name, long amount) {
    sums.merge(name, amount, Long::sum);
  }

  @Override
  public void applied(String app, String group, long events) {
    add("applied " + group, events);
  }

  @Override
  public void late(String app, String event, long events) {
    add("late " + event, events);
  }

  @Override
  public void held(String app, String group, long change) {
    add("held " + group, change);
  }

  @Override
  public void refused(String app, String group, long events) {
    add("refused " + group, events);
  }

  @Override
  public void undefined(String app, String view, String expression) {
    add("undefined " + view + ": " + expression, 1);
  }

  @Override
  public void rejected(String app, String event) {
    add("rejected " + event, 1);
  }

  @Override
  public void unanswered(String app, String view) {
    add("unanswered " + view, 1);
  }

  @Override
  public void written(String app, long values) {
    add("written", values);
  }

  @Override
  public void flushed(String app, double millis) {
    add("flushed", 1);
  }

  @Override
  public void fresh(String app, String group, long acceptedMs, long nowMs) {
    add("fresh", 1);
  }

  @Override
  public void recorded(String app, double millis) {
    add("recorded", 1);
  }

  @Override
  public void age(String app, String view, double millis) {
    add("age " + view, (long) millis);
  }

  @Override
  public void labelled(String app, String provenance) {
    add("labelled " + provenance, 1);
  }

  @Override
  public void read(String app, int rows, double millis) {
    add("read", rows);
  }

  @Override
  public void parity(String app, long vectors, long mismatches) {
    add("parity mismatches", mismatches);
  }

  @Override
  public void parityMismatch(String app, String feature) {
    add("parity mismatch " + feature, 1);
  }

  @Override
  public void paritySkipped(String app, long vectors) {
    add("parity skipped", vectors);
  }

  @Override
  public void parityLag(String app, double millis) {
    add("parity lag", 1);
  }
}
