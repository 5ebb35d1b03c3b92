// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import io.millrace.common.telemetry.TraceHeaders;
import io.millrace.validator.topology.VerdictTracing;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** One trace span per verdict, child of the last event that the span of data received. */
final class OtelVerdictTracing implements VerdictTracing {
  private final Tracer tracer;

  OtelVerdictTracing(OpenTelemetry telemetry) {
    this.tracer = telemetry.getTracer("io.millrace.validator");
  }

  @Override
  public Headers judged(
      String app, String event, String span, String status, @Nullable String traceparent) {
    Headers headers = new RecordHeaders();
    if (traceparent != null) {
      headers.add("traceparent", traceparent.getBytes(StandardCharsets.UTF_8));
    }
    Context parent = TraceHeaders.extract(headers);
    Span trace =
        tracer
            .spanBuilder("validate " + event)
            .setSpanKind(SpanKind.CONSUMER)
            .setParent(parent)
            .setAttribute("millrace.app", app)
            .setAttribute("millrace.event", event)
            .setAttribute("millrace.span", span)
            .setAttribute("millrace.verdict", status)
            .startSpan();
    TraceHeaders.inject(parent.with(trace), headers);
    trace.end();
    return headers;
  }
}
