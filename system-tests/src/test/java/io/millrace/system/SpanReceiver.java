// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A collector: takes spans by OTLP over HTTP in protobuf and keeps those of the traces that
 * somebody waits for. Thread-safe.
 */
final class SpanReceiver implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, List<Received>> wanted = new ConcurrentHashMap<>();

  private SpanReceiver(HttpServer server) {
    this.server = server;
  }

  /**
   * A span as it came.
   *
   * @param service {@code service.name} of its resource
   * @param parentId blank for a root
   * @param links {@code trace/span} of each link
   */
  record Received(
      String service,
      String name,
      Span.SpanKind kind,
      String traceId,
      String spanId,
      String parentId,
      List<String> links) {

    /** What a link to it looks like. */
    String asLink() {
      return traceId + "/" + spanId;
    }
  }

  static SpanReceiver start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      SpanReceiver receiver = new SpanReceiver(server);
      server.setExecutor(receiver.executor);
      server.createContext("/v1/traces", receiver::take);
      server.start();
      return receiver;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What {@code OTEL_EXPORTER_OTLP_ENDPOINT} has to be. */
  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** From now on the spans of this trace are kept. */
  void expect(String traceId) {
    wanted.put(traceId, new CopyOnWriteArrayList<>());
  }

  /** The spans of an expected trace that have come up to now. */
  List<Received> trace(String traceId) {
    return List.copyOf(wanted.getOrDefault(traceId, List.of()));
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange;
        InputStream body = exchange.getRequestBody()) {
      for (ResourceSpans resource :
          ExportTraceServiceRequest.parseFrom(body).getResourceSpansList()) {
        String service =
            resource.getResource().getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals("service.name"))
                .map(attribute -> attribute.getValue().getStringValue())
                .findFirst()
                .orElse("");
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          scope.getSpansList().forEach(span -> keep(service, span));
        }
      }
      // An empty body is an empty ExportTraceServiceResponse: everything was taken.
      exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private void keep(String service, Span span) {
    List<Received> trace = wanted.get(hex(span.getTraceId()));
    if (trace != null) {
      trace.add(
          new Received(
              service,
              span.getName(),
              span.getKind(),
              hex(span.getTraceId()),
              hex(span.getSpanId()),
              hex(span.getParentSpanId()),
              span.getLinksList().stream()
                  .map(link -> hex(link.getTraceId()) + "/" + hex(link.getSpanId()))
                  .toList()));
    }
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
