// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.validator.topology.ValidatorMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The meters of one application; {@code millrace_validator_…} in Prometheus. */
final class MicrometerValidatorMetrics implements ValidatorMetrics {
  private final MeterRegistry meters;
  private final String app;
  private final Map<String, Counter> profiled = new ConcurrentHashMap<>();
  private final Timer judging;

  MicrometerValidatorMetrics(MeterRegistry meters, String app) {
    this.meters = meters;
    this.app = app;
    this.judging =
        Timer.builder("millrace.validator.judging")
            .description("Time to judge a closed span")
            .tag("app", app)
            .publishPercentileHistogram()
            .minimumExpectedValue(Duration.ofMillis(1))
            .maximumExpectedValue(Duration.ofSeconds(10))
            .register(meters);
  }

  private Counter counter(String name, String event, String... more) {
    return Counter.builder("millrace.validator." + name)
        .tag("app", app)
        .tag("event", event)
        .tags(more)
        .register(meters);
  }

  @Override
  public void profiled(String event) {
    profiled.computeIfAbsent(event, name -> counter("events", name)).increment();
  }

  @Override
  public void rejected(String event) {
    counter("rejected", event).increment();
  }

  @Override
  public void late(String event, long rows) {
    counter("rows.late", event).increment((double) rows);
  }

  @Override
  public void tooLate(String event, long rows) {
    counter("rows.too.late", event).increment((double) rows);
  }

  @Override
  public void judged(String event, String status, boolean revised, long nanos) {
    counter("verdicts", event, "status", status, "revised", Boolean.toString(revised)).increment();
    judging.record(Duration.ofNanos(nanos));
  }
}
