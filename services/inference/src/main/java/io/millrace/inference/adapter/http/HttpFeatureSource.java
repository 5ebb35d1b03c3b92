// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.http;

import io.millrace.chassis.http.ServiceRequest;
import io.millrace.common.serde.Json;
import io.millrace.inference.serving.FeatureSource;
import io.millrace.inference.serving.Question;
import io.millrace.inference.serving.Values;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/** Reads features through the feature store's {@code features:online}. Thread-safe. */
public final class HttpFeatureSource implements FeatureSource {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFeatureSource.class);

  private final HttpClient client;
  private final URI base;
  private final String apiKey;

  public HttpFeatureSource(HttpClient client, URI base, String apiKey) {
    this.client = client;
    this.base = base;
    this.apiKey = apiKey;
  }

  private record OnlineRequest(
      List<String> features,
      List<Map<String, String>> entities,
      List<Long> ats,
      boolean pseudonymous) {}

  private record OnlineResponse(List<String> names, List<OnlineRow> rows) {}

  private record OnlineRow(
      List<@Nullable Object> values, List<String> status, Map<String, Long> states) {
    boolean fits(int columns) {
      return values != null
          && status != null
          && values.size() == columns
          && status.size() == columns;
    }
  }

  @Override
  public Answer fetch(String app, List<String> names, List<Question> questions, Duration deadline) {
    OnlineRequest body =
        new OnlineRequest(
            names,
            questions.stream().map(Question::entities).toList(),
            questions.stream().map(Question::momentMs).toList(),
            true);
    HttpRequest request =
        ServiceRequest.to(base, "/v1/applications/" + app + "/features:online", apiKey)
            .timeout(deadline)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.mapper().writeValueAsBytes(body)))
            .build();
    try {
      // The request's own timeout ends with the headers; this deadline covers the body, too.
      HttpResponse<byte[]> response =
          Deadlines.send(client, request, HttpResponse.BodyHandlers.ofByteArray(), deadline);
      if (response.statusCode() != 200) {
        LOG.warn("feature store answered {} for application {}", response.statusCode(), app);
        return new Answer.Unavailable("feature-store-" + response.statusCode());
      }
      return vectors(
          names, questions.size(), Json.mapper().readValue(response.body(), OnlineResponse.class));
    } catch (HttpTimeoutException e) {
      return new Answer.Unavailable("feature-store-timeout");
    } catch (IOException | JacksonException e) {
      LOG.warn("feature store: {}", e.toString());
      return new Answer.Unavailable("feature-store-unreachable");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer.Unavailable("interrupted");
    }
  }

  private static Answer vectors(List<String> names, int questions, OnlineResponse response) {
    if (response.names() == null
        || response.rows() == null
        || response.rows().size() != questions) {
      LOG.warn("feature store: an answer that does not fit {} questions", questions);
      return new Answer.Unavailable("feature-store-malformed");
    }
    Map<String, Integer> columns = new LinkedHashMap<>();
    for (int i = 0; i < response.names().size(); i++) {
      columns.put(response.names().get(i), i);
    }
    List<Vector> vectors = new ArrayList<>(response.rows().size());
    for (OnlineRow row : response.rows()) {
      if (!row.fits(columns.size())) {
        LOG.warn("feature store: a row that does not fit {} columns", columns.size());
        return new Answer.Unavailable("feature-store-malformed");
      }
      @Nullable Object[] values = new Object[names.size()];
      for (int i = 0; i < values.length; i++) {
        Integer column = columns.get(names.get(i));
        if (column != null && "present".equals(row.status().get(column))) {
          values[i] = Values.canonical(row.values().get(column));
        }
      }
      vectors.add(new Vector(values, row.states() == null ? Map.of() : row.states()));
    }
    return new Answer.Vectors(vectors);
  }
}
