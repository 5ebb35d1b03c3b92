// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.featurestore.progress.Freshness;
import io.millrace.featurestore.progress.Measures;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counters and histograms named {@code millrace_feature_store_…} and {@code millrace_parity_…}.
 * Thread-safe.
 */
public final class MicrometerMeasures implements Measures {
  private static final String PREFIX = "millrace.feature.store.";
  private static final String PARITY = "millrace.parity.";

  private final MeterRegistry registry;
  private final Freshness freshness;
  private final Map<List<String>, AtomicLong> ages = new ConcurrentHashMap<>();
  private final Map<List<String>, AtomicLong> held = new ConcurrentHashMap<>();
  private final Map<List<String>, Counter> counters = new ConcurrentHashMap<>();
  private final Map<List<String>, Timer> timers = new ConcurrentHashMap<>();

  /**
   * @param freshness told of every event that becomes servable
   */
  public MicrometerMeasures(MeterRegistry registry, Freshness freshness) {
    this.registry = registry;
    this.freshness = freshness;
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
  public void held(String app, String group, long change) {
    held.computeIfAbsent(
            List.of(app, group),
            key -> {
              AtomicLong events = new AtomicLong();
              Gauge.builder(PREFIX + "events.held", events, AtomicLong::doubleValue)
                  .tag("app", app)
                  .tag("group", group)
                  .description("events dated ahead whose time has not come")
                  .register(registry);
              return events;
            })
        .addAndGet(change);
  }

  @Override
  public void refused(String app, String group, long events) {
    counter("events.refused", app, "group", group).increment((double) events);
  }

  @Override
  public void undefined(String app, String view, String expression) {
    counters
        .computeIfAbsent(
            List.of("values.undefined", app, view, expression),
            key ->
                Counter.builder(PREFIX + "values.undefined")
                    .tag("app", app)
                    .tag("view", view)
                    .tag("expression", expression)
                    .description("events for which an expression gave nothing, with all it reads")
                    .register(registry))
        .increment();
  }

  @Override
  public void rejected(String app, String event) {
    counter("events.rejected", app, "event", event).increment();
  }

  @Override
  public void unanswered(String app, String view) {
    counter("answers.too.large", app, "view", view).increment();
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
  public void fresh(String app, String group, long acceptedMs, long nowMs) {
    record("freshness", app, (double) (nowMs - acceptedMs));
    freshness.servable(app, group, acceptedMs, nowMs);
  }

  @Override
  public void recorded(String app, double millis) {
    record("history.delay", app, millis);
  }

  @Override
  public void age(String app, String view, double millis) {
    ages.computeIfAbsent(
            List.of(app, view),
            key -> {
              AtomicLong age = new AtomicLong();
              Gauge.builder(PREFIX + "view.age", age, ms -> (double) ms.get() / 1000)
                  .baseUnit("seconds")
                  .tag("app", app)
                  .tag("view", view)
                  .description("age of the newest event that can be served")
                  .register(registry);
              return age;
            })
        .set((long) millis);
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
    counter(PARITY + "vectors", app, "result", "equal").increment((double) (vectors - mismatches));
    counter(PARITY + "vectors", app, "result", "mismatch").increment((double) mismatches);
  }

  @Override
  public void parityMismatch(String app, String feature) {
    counter(PARITY + "mismatches", app, "feature", feature).increment();
  }

  @Override
  public void paritySkipped(String app, long vectors) {
    counter(PARITY + "vectors", app, "result", "skipped").increment((double) vectors);
  }

  @Override
  public void parityLag(String app, double millis) {
    record(PARITY + "lag", app, millis);
  }

  private static String full(String name) {
    return name.startsWith(PARITY) ? name : PREFIX + name;
  }

  private Counter counter(String name, String app, String tag, String value) {
    return counters.computeIfAbsent(
        List.of(name, app, value),
        key -> Counter.builder(full(name)).tag("app", app).tag(tag, value).register(registry));
  }

  private void record(String name, String app, double millis) {
    timers
        .computeIfAbsent(
            List.of(name, app),
            key ->
                Timer.builder(full(name))
                    .tag("app", app)
                    .publishPercentileHistogram()
                    .minimumExpectedValue(Duration.ofMillis(1))
                    .maximumExpectedValue(Duration.ofMinutes(1))
                    .register(registry))
        .record((long) (Math.max(0, millis) * 1e6), TimeUnit.NANOSECONDS);
  }
}
