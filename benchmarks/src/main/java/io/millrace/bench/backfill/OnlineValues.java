// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.backfill;

import io.millrace.bench.stack.BenchStack;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.common.serde.Json;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Reads one feature of some customers over HTTP. Safe for use by several threads. */
final class OnlineValues {
  private static final String PATH = "/v1/applications/" + Orders.APP + "/features:online";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final ApiClient client;

  OnlineValues(BenchStack stack) {
    this.client = stack.client();
  }

  /**
   * Values of a feature, one for each customer; NaN where it is not present.
   *
   * @throws ApiException where it is refused, or not answered in time
   */
  double[] read(String feature, int... customers) {
    Map<String, Object> question =
        Map.of(
            "features",
            List.of(feature),
            "entities",
            IntStream.of(customers)
                .mapToObj(customer -> Map.of(Orders.ENTITY, Orders.key(customer)))
                .toList());
    HttpResponse<byte[]> answer =
        client.send(
            Service.FEATURE_STORE,
            client
                .request(Service.FEATURE_STORE, PATH, TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofByteArray(
                        Json.mapper().writeValueAsBytes(question)))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw ApiClient.refusal(Service.FEATURE_STORE, answer.statusCode(), answer.body());
    }
    JsonNode rows = Json.mapper().readTree(answer.body()).path("rows");
    double[] values = new double[customers.length];
    for (int i = 0; i < values.length; i++) {
      JsonNode row = rows.path(i);
      values[i] =
          row.path("status").path(0).asString("").equals("present")
              ? row.path("values").path(0).asDouble()
              : Double.NaN;
    }
    return values;
  }
}
