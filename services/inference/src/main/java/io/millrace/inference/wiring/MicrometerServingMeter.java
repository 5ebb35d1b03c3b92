// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.wiring;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.inference.serving.ServingMeter;

/** Serving figures as Micrometer metrics. Thread-safe. */
final class MicrometerServingMeter implements ServingMeter {
  private final MeterRegistry registry;

  MicrometerServingMeter(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void served(String app, String source, int predictions, long latencyMsMax) {
    registry
        .counter("millrace.inference.predictions", "app", app, "source", source)
        .increment(predictions);
    DistributionSummary.builder("millrace.inference.latency")
        .description("Slowest answer of a batch, from acceptance to commit")
        .baseUnit("milliseconds")
        .publishPercentileHistogram()
        .minimumExpectedValue(0.5)
        .maximumExpectedValue(60_000.0)
        .tags("app", app, "source", source)
        .register(registry)
        .record((double) latencyMsMax);
  }

  @Override
  public void undefined(String app, String version, String derived, int predictions) {
    registry
        .counter("millrace.inference.undefined", "app", app, "version", version, "derived", derived)
        .increment(predictions);
  }

  @Override
  public void skipped(String app, int events) {
    registry.counter("millrace.inference.skipped", "app", app).increment(events);
  }

  @Override
  public void fallback(String app, String reason, int predictions) {
    registry
        .counter("millrace.inference.fallbacks", "app", app, "reason", reason)
        .increment(predictions);
  }

  @Override
  public void rejected(String app, int records) {
    registry.counter("millrace.inference.rejected", "app", app).increment(records);
  }
}
