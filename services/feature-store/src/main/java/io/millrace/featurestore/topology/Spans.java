// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import io.millrace.common.telemetry.TraceHeaders;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import org.apache.kafka.common.header.Headers;

/**
 * Spans around records, as children of what their headers carry; none where they carry nothing. One
 * that is made within the work on a record of another trace (a label, by its outcome's event) is
 * linked to it.
 */
final class Spans {
  private final Tracer tracer;

  Spans(Tracer tracer) {
    this.tracer = tracer;
  }

  /** Runs the work with a span of the record as the current one. */
  void around(String name, SpanKind kind, Headers headers, Runnable work) {
    if (!TraceHeaders.isTraced(headers)) {
      work.run();
      return;
    }
    Context parent = TraceHeaders.extract(headers);
    if (!Span.fromContext(parent).getSpanContext().isValid()) {
      work.run();
      return;
    }
    SpanBuilder builder = tracer.spanBuilder(name).setSpanKind(kind).setParent(parent);
    SpanContext cause = Span.current().getSpanContext();
    if (cause.isValid()
        && !cause.getTraceId().equals(Span.fromContext(parent).getSpanContext().getTraceId())) {
      builder.addLink(cause);
    }
    Span span = builder.startSpan();
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
