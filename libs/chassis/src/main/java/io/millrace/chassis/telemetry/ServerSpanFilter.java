// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * One server span per request, child of the caller's {@code traceparent}; its trace id goes into
 * the log and the {@code X-Trace-Id} response header. Probes and metrics are left out.
 */
public final class ServerSpanFilter extends OncePerRequestFilter {
  private static final TextMapGetter<HttpServletRequest> GETTER =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(HttpServletRequest request) {
          return Collections.list(request.getHeaderNames());
        }

        @Override
        public @Nullable String get(@Nullable HttpServletRequest request, String name) {
          return request == null ? null : request.getHeader(name);
        }
      };

  private final OpenTelemetry telemetry;
  private final Tracer tracer;

  public ServerSpanFilter(OpenTelemetry telemetry) {
    this.telemetry = telemetry;
    this.tracer = telemetry.getTracer("io.millrace.http");
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getRequestURI().startsWith("/actuator");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Context parent =
        telemetry.getPropagators().getTextMapPropagator().extract(Context.root(), request, GETTER);
    Span span =
        tracer
            .spanBuilder(request.getMethod() + " " + request.getRequestURI())
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent)
            .setAttribute("http.request.method", request.getMethod())
            .setAttribute("url.path", request.getRequestURI())
            .startSpan();
    String traceId = span.getSpanContext().getTraceId();
    response.setHeader("X-Trace-Id", traceId);
    try (Scope ignored = span.makeCurrent();
        MDC.MDCCloseable ignoredToo = MDC.putCloseable("trace_id", traceId)) {
      chain.doFilter(request, response);
    } finally {
      span.setAttribute("http.response.status_code", response.getStatus());
      if (response.getStatus() >= 500) {
        span.setStatus(StatusCode.ERROR);
      }
      span.end();
    }
  }
}
