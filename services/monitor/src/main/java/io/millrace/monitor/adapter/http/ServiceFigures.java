// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.adapter.http;

import io.millrace.common.serde.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What the other services say of an application, for the console. Each is asked at most once a
 * second, with a short deadline; one that does not answer is shown as such. Thread-safe.
 */
public final class ServiceFigures {
  private static final Duration TIMEOUT = Duration.ofMillis(800);
  private static final long KEPT_MS = 1_000;

  private final HttpClient client;
  private final Map<String, URI> urls;
  private final InstantSource clock;
  private final Map<String, Cached> cache = new ConcurrentHashMap<>();

  private record Cached(Map<String, JsonNode> figures, long atMs) {}

  public ServiceFigures(HttpClient client, Map<String, URI> urls, InstantSource clock) {
    this.client = client;
    this.urls = urls;
    this.clock = clock;
  }

  /** Service → its figures, or {@code {"down": reason}}. */
  public Map<String, JsonNode> of(String app) {
    Cached cached = cache.get(app);
    if (cached != null && clock.millis() - cached.atMs() < KEPT_MS) {
      return cached.figures();
    }
    String base = "/v1/applications/" + app;
    Map<String, CompletableFuture<JsonNode>> asked = new LinkedHashMap<>();
    asked.put("ingest", ask("ingest", base + "/books"));
    asked.put("feature-store", ask("feature-store", base + "/progress"));
    asked.put("datasets", ask("feature-store", base + "/datasets"));
    asked.put("trainer", ask("trainer", base + "/runs"));
    asked.put("inference", ask("inference", base + "/serving"));
    asked.put("validator", ask("validator", "/actuator/health/readiness"));
    Map<String, JsonNode> figures = new LinkedHashMap<>();
    asked.forEach((service, answer) -> figures.put(service, await(answer)));
    cache.put(app, new Cached(figures, clock.millis()));
    return figures;
  }

  private CompletableFuture<JsonNode> ask(String service, String path) {
    URI base = urls.get(service);
    if (base == null) {
      return CompletableFuture.completedFuture(down("no URL"));
    }
    HttpRequest request = HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT).build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .thenApply(
            response -> {
              try {
                return response.statusCode() == 200
                    ? Json.mapper().readTree(response.body())
                    : down("status " + response.statusCode());
              } catch (JacksonException e) {
                return down("unreadable answer");
              }
            });
  }

  private static JsonNode await(CompletableFuture<JsonNode> answer) {
    try {
      return answer.get(TIMEOUT.toMillis() + 200, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      return down(
          e.getCause() instanceof IOException ? "unreachable" : String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      return down("no answer in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return down("interrupted");
    }
  }

  private static JsonNode down(String reason) {
    return Json.mapper().createObjectNode().put("down", reason);
  }
}
