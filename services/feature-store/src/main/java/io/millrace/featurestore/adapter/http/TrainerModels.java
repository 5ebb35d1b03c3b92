// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ServiceRequest;
import io.millrace.common.serde.Json;
import io.millrace.featurestore.catalogue.ModelUses;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What models read, as the trainer's API tells: the newest {@value #VERSIONS_MAX} versions that
 * have a package. What a version reads never changes, so that it is asked for once. Thread-safe.
 */
public final class TrainerModels implements ModelUses {
  private static final int VERSIONS_MAX = 20;
  private static final int KNOWN_MAX = 1_000;
  private static final int ANSWER_BYTES_MAX = 8 << 20;

  private final HttpClient client;
  private final URI base;
  private final String apiKey;
  private final Duration timeout;
  private final Map<List<String>, Set<String>> reads = new ConcurrentHashMap<>();

  /**
   * @param timeout of each request
   */
  public TrainerModels(HttpClient client, URI base, String apiKey, Duration timeout) {
    this.client = client;
    this.base = base;
    this.apiKey = apiKey;
    this.timeout = timeout;
  }

  @Override
  public List<Use> of(String app) throws UnknownUsesException {
    String path = "/v1/applications/" + app + "/models";
    List<JsonNode> versions = new ArrayList<>();
    for (JsonNode each : get(path).path("models")) {
      if (each.path("packageSha256").isString()) {
        versions.add(each);
      }
    }
    versions.sort(Comparator.comparingInt(TrainerModels::number).reversed());
    List<Use> uses = new ArrayList<>();
    for (JsonNode each : versions.subList(0, Math.min(VERSIONS_MAX, versions.size()))) {
      String version = each.path("version").asString();
      List<String> key = List.of(app, version, each.path("packageSha256").asString());
      @Nullable Set<String> known = reads.get(key);
      if (known == null) {
        known = inputs(get(path + "/" + version).path("metadata"));
        if (reads.size() >= KNOWN_MAX) {
          reads.clear();
        }
        reads.put(key, known);
      }
      uses.add(new Use(version, each.path("status").asString(), known));
    }
    return uses;
  }

  private static int number(JsonNode version) {
    String text = version.path("version").asString();
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }

  private static Set<String> inputs(JsonNode metadata) {
    Set<String> inputs = new HashSet<>();
    metadata.path("inputs").forEach(input -> inputs.add(input.path("name").asString()));
    inputs.addAll(metadata.path("derived").path("reads").propertyNames());
    return inputs;
  }

  private JsonNode get(String path) throws UnknownUsesException {
    HttpRequest request = ServiceRequest.to(base, path, apiKey).timeout(timeout).GET().build();
    try {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        byte[] bytes = body.readNBytes(ANSWER_BYTES_MAX);
        if (response.statusCode() != 200) {
          throw new UnknownUsesException("the trainer answered " + response.statusCode());
        }
        return Json.mapper().readTree(bytes);
      }
    } catch (IOException | JacksonException e) {
      throw new UnknownUsesException("the trainer does not answer: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownUsesException("interrupted");
    }
  }
}
