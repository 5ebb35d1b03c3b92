// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.wiring;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.trainer.run.RunMeter;
import io.millrace.trainer.run.RunState;
import java.time.Duration;

/** Runs as Micrometer metrics. Thread-safe. */
final class MicrometerRunMeter implements RunMeter {
  private final MeterRegistry registry;

  MicrometerRunMeter(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void requested() {
    registry.counter("millrace.trainer.requests").increment();
  }

  @Override
  public void rejected() {
    registry.counter("millrace.trainer.requests.rejected").increment();
  }

  @Override
  public void ended(RunState state, long durationMs) {
    timer("millrace.trainer.runs", state, durationMs);
  }

  @Override
  public void step(RunState state, long durationMs) {
    timer("millrace.trainer.steps", state, durationMs);
  }

  private void timer(String name, RunState state, long durationMs) {
    Timer.builder(name)
        .tag("state", state.name())
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofMillis(10))
        .maximumExpectedValue(Duration.ofHours(1))
        .register(registry)
        .record(Duration.ofMillis(Math.max(0, durationMs)));
  }
}
