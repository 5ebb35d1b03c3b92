// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

import io.millrace.common.security.ApiKey;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.net.URI;
import java.net.http.HttpRequest;

/** A request from one service to another: with the platform's key and in the caller's trace. */
public final class ServiceRequest {
  private ServiceRequest() {}

  /**
   * Begins a request; method, body and timeout are the caller's.
   *
   * @param base address of the service
   * @param path absolute
   */
  public static HttpRequest.Builder to(URI base, String path, String apiKey) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).header(ApiKey.HEADER, apiKey);
    W3CTraceContextPropagator.getInstance()
        .inject(
            Context.current(),
            request,
            (builder, name, value) -> {
              if (builder != null) {
                builder.setHeader(name, value);
              }
            });
    return request;
  }
}
