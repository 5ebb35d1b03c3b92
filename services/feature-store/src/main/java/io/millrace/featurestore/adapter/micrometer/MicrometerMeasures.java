// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.featurestore.progress.Measures;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Counters and histograms named {@code millrace_feature_store_…}. Thread-safe. */
public final class MicrometerMeasures implements Measures {
  private static final String PREFIX = "millrace.feature.store.";

  private final MeterRegistry registry;
  private final Map<List<String>, Counter> counters = new ConcurrentHashMap<>();
  private final Map<List<String>, Timer> timers = new ConcurrentHashMap<>();

  public MicrometerMeasures(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void applied(String app, String group, long events) {
    counter("events.applied", app, "group", group).increment((double) events);
  }

  @Override
  public void late(String app, String event, long events) {
    counter("events.late", app, "event", event).increment((double) events);
  }

  @Override
  public void rejected(String app, String event) {
    counter("events.rejected", app, "event", event).increment();
  }

  @Override
  public void written(String app, long values) {
    counter("values.written", app, "store", "online").increment((double) values);
  }

  @Override
  public void flushed(String app, double millis) {
    record("flush", app, millis);
  }

  @Override
  public void fresh(String app, double millis) {
    record("freshness", app, millis);
  }

  @Override
  public void labelled(String app, String provenance) {
    counter("labels", app, "provenance", provenance).increment();
  }

  @Override
  public void read(String app, int rows, double millis) {
    counter("rows.read", app, "store", "online").increment(rows);
    record("read", app, millis);
  }

  @Override
  public void parity(String app, long vectors, long mismatches) {
    counter("parity.vectors", app, "result", "checked").increment((double) vectors);
    counter("parity.vectors", app, "result", "mismatch").increment((double) mismatches);
  }

  private Counter counter(String name, String app, String tag, String value) {
    return counters.computeIfAbsent(
        List.of(name, app, value),
        key -> Counter.builder(PREFIX + name).tag("app", app).tag(tag, value).register(registry));
  }

  private void record(String name, String app, double millis) {
    timers
        .computeIfAbsent(
            List.of(name, app),
            key ->
                Timer.builder(PREFIX + name)
                    .tag("app", app)
                    .publishPercentileHistogram()
                    .minimumExpectedValue(Duration.ofMillis(1))
                    .maximumExpectedValue(Duration.ofMinutes(1))
                    .register(registry))
        .record((long) (Math.max(0, millis) * 1e6), TimeUnit.NANOSECONDS);
  }
}
