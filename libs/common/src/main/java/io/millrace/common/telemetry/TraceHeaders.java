// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.telemetry;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** W3C trace context in the {@code traceparent} header of Kafka records. */
public final class TraceHeaders {
  private static final String TRACEPARENT = "traceparent";

  private static final TextMapSetter<Headers> SETTER =
      (headers, name, value) -> {
        if (headers != null) {
          headers.remove(name);
          headers.add(name, value.getBytes(StandardCharsets.UTF_8));
        }
      };

  private static final TextMapGetter<Headers> GETTER =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Headers headers) {
          return Arrays.stream(headers.toArray()).map(Header::key).toList();
        }

        @Override
        public @Nullable String get(@Nullable Headers headers, String name) {
          Header header = headers == null ? null : headers.lastHeader(name);
          return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
        }
      };

  private TraceHeaders() {}

  /**
   * Writes the context's span into the headers, replacing what stands there; nothing without one.
   */
  public static void inject(Context context, Headers headers) {
    W3CTraceContextPropagator.getInstance().inject(context, headers, SETTER);
  }

  /** Whether the headers carry a span; asking is much cheaper than {@link #extract}. */
  public static boolean isTraced(Headers headers) {
    return headers.lastHeader(TRACEPARENT) != null;
  }

  /** The context that the headers carry; the root context where they carry none. */
  public static Context extract(Headers headers) {
    return W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, GETTER);
  }
}
