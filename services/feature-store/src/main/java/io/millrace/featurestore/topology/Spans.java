// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.telemetry.TraceHeaders;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import org.apache.kafka.common.header.Headers;

/** Spans around records, as children of what their headers carry; none where they carry nothing. */
final class Spans {
  private final Tracer tracer;

  Spans(Tracer tracer) {
    this.tracer = tracer;
  }

  /** Runs the work with a span of the record as the current one. */
  void around(String name, SpanKind kind, Headers headers, Runnable work) {
    Context parent = TraceHeaders.extract(headers);
    if (!Span.fromContext(parent).getSpanContext().isValid()) {
      work.run();
      return;
    }
    Span span = tracer.spanBuilder(name).setSpanKind(kind).setParent(parent).startSpan();
    try (Scope ignored = span.makeCurrent()) {
      work.run();
    } catch (RuntimeException e) {
      span.setStatus(StatusCode.ERROR, e.toString());
      throw e;
    } finally {
      span.end();
    }
  }
}
