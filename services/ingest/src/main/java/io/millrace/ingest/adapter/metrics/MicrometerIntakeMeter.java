// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.ingest.intake.IntakeMeter;
import java.time.Duration;
import java.util.Map;

/**
 * {@code millrace_ingest_events_total} by application, event and outcome, {@code
 * millrace_ingest_rejected_total} by reason, {@code millrace_ingest_recovered_total}, and {@code
 * millrace_ingest_batch_seconds}. Thread-safe.
 */
public final class MicrometerIntakeMeter implements IntakeMeter {
  private static final String APP = "app";
  private static final String EVENT = "event";

  private final MeterRegistry registry;

  public MicrometerIntakeMeter(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void settled(
      String app,
      String event,
      long accepted,
      long duplicates,
      Map<String, Long> rejectedByReason,
      Duration took) {
    long rejected = rejectedByReason.values().stream().mapToLong(Long::longValue).sum();
    events(app, event, "accepted").increment((double) accepted);
    events(app, event, "duplicate").increment((double) duplicates);
    events(app, event, "rejected").increment((double) rejected);
    rejectedByReason.forEach(
        (reason, count) ->
            Counter.builder("millrace.ingest.rejected")
                .description("Rejected events by reason")
                .tags(APP, app, EVENT, event, "reason", reason)
                .register(registry)
                .increment((double) count));
    Timer.builder("millrace.ingest.batch")
        .description("From a batch's arrival to its entry in the books")
        .tags(APP, app, EVENT, event)
        .publishPercentileHistogram()
        .maximumExpectedValue(Duration.ofSeconds(30))
        .register(registry)
        .record(took);
  }

  @Override
  public void recovered(String app, String event, boolean written) {
    Counter.builder("millrace.ingest.recovered")
        .description("Claims of processes that were gone, settled by reading the log")
        .tags(APP, app, EVENT, event, "written", Boolean.toString(written))
        .register(registry)
        .increment();
  }

  private Counter events(String app, String event, String outcome) {
    return Counter.builder("millrace.ingest.events")
        .description("Events in the books by outcome")
        .tags(APP, app, EVENT, event, "outcome", outcome)
        .register(registry);
  }
}
