// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.lettuce.core.KeyValue;
import io.lettuce.core.api.StatefulRedisConnection;
import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.stack.ClosedLoop;
import io.millrace.bench.stack.OnlineKeys;
import io.millrace.bench.stack.SettledHistory;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import io.millrace.common.serde.Json;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Online reads over gRPC, and over HTTP with JSON: rows × features of random entities, keys with
 * roles checked, TTLs honoured, status and age of every value in the answer, every value decoded by
 * the client. Beside them MGET of the same bytes by the same callers straight from Redis, which
 * nothing that keeps its values there can beat.
 */
public final class OnlineBench implements Bench {
  private static final int RUNS = 3;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String LIMIT = "raw Lettuce MGET";

  /** Rows and views of each case; a view has ten features. */
  private static final List<int[]> CASES =
      List.of(new int[] {100, 5}, new int[] {100, 25}, new int[] {1, 25});

  @Override
  public String name() {
    return "online";
  }

  @Override
  public String description() {
    return "online reads/s and p99 of rows x features over gRPC and HTTP, 4 callers, beside raw"
        + " Lettuce MGET";
  }

  @Override
  public void run(BenchRun run) {
    try (WideApplication wide = WideApplication.start(run);
        OnlineCalls calls =
            new OnlineCalls(wide.stack().stack().service(Service.FEATURE_STORE).grpcPort());
        StatefulRedisConnection<byte[], byte[]> redis = wide.redis()) {
      run.say("  waiting until the history has their events");
      SettledHistory.await(wide.stack(), WideApplication.APP);
      String prefix = OnlineKeys.prefix(redis, WideApplication.key(0));
      for (int[] each : CASES) {
        measure(run, calls, wide.stack().client(), redis, prefix, each[0], each[1]);
      }
    }
  }

  private static void measure(
      BenchRun run,
      OnlineCalls calls,
      ApiClient client,
      StatefulRedisConnection<byte[], byte[]> redis,
      String prefix,
      int rows,
      int views) {
    List<ClosedLoop.Result> grpc = new ArrayList<>();
    List<ClosedLoop.Result> json = new ArrayList<>();
    List<ClosedLoop.Result> columns = new ArrayList<>();
    List<ClosedLoop.Result> raw = new ArrayList<>();
    ClosedLoop.Call byMget = random -> mget(redis, prefix, rows, random);
    ClosedLoop.Call byGrpc = random -> calls.read(rows, views, random);
    ClosedLoop.Call byRows = random -> read(client, "rows", rows, views, random);
    ClosedLoop.Call byColumns = random -> read(client, "columns", rows, views, random);
    List.of(byMget, byGrpc, byRows, byColumns).forEach(ClosedLoop::warmUp);
    int runs = run.runs(RUNS);
    for (int i = 0; i < runs; i++) {
      raw.add(ClosedLoop.run(byMget));
      grpc.add(ClosedLoop.run(byGrpc));
      json.add(ClosedLoop.run(byRows));
      columns.add(ClosedLoop.run(byColumns));
    }
    String subject = rows + " rows x " + views * WideApplication.FEATURES + " features";
    run.say("  %s: %,.0f/s".formatted(subject, grpc.getLast().perSecond()));
    report(run, subject + ", gRPC", grpc, raw);
    report(run, subject + ", JSON by columns", columns, raw);
    report(run, subject + ", JSON by rows", json, raw);
  }

  private static void report(
      BenchRun run, String subject, List<ClosedLoop.Result> own, List<ClosedLoop.Result> raw) {
    run.result(
        subject,
        "throughput",
        "requests/s",
        own.stream().map(ClosedLoop.Result::perSecond).toList(),
        LIMIT,
        raw.stream().map(ClosedLoop.Result::perSecond).toList());
    run.result(
        subject,
        "latency p99",
        "ms",
        own.stream().map(ClosedLoop.Result::p99Ms).toList(),
        LIMIT,
        raw.stream().map(ClosedLoop.Result::p99Ms).toList());
    run.result(
        subject,
        "turned away (503 at the deadline, 429)",
        "share",
        own.stream().map(ClosedLoop.Result::refused).toList());
  }

  private static boolean read(
      ApiClient client, String orient, int rows, int views, SplittableRandom random) {
    Map<String, Object> question =
        Map.of(
            "orient",
            orient,
            "views",
            IntStream.range(0, views).mapToObj(WideApplication::view).toList(),
            "entities",
            random
                .ints(rows, 0, WideApplication.ENTITIES)
                .mapToObj(entity -> Map.of(WideApplication.ENTITY, WideApplication.key(entity)))
                .toList());
    HttpResponse<byte[]> answer =
        client.send(
            Service.FEATURE_STORE,
            client
                .request(
                    Service.FEATURE_STORE,
                    "/v1/applications/" + WideApplication.APP + "/features:online",
                    TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofByteArray(
                        Json.mapper().writeValueAsBytes(question)))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() == 503 || answer.statusCode() == 429) {
      return false;
    }
    if (answer.statusCode() != 200) {
      throw ApiClient.refusal(Service.FEATURE_STORE, answer.statusCode(), answer.body());
    }
    int wanted = rows * views * WideApplication.FEATURES;
    int decoded = decode(answer.body());
    if (decoded != wanted) {
      throw new BenchException("of " + wanted + " values " + decoded + " were there");
    }
    return true;
  }

  /** Reads every value as a double and every status; returns how many, 0 if one is absent. */
  private static int decode(byte[] json) {
    int present = 0;
    int absent = 0;
    double sum = 0;
    try (JsonParser parser = Json.mapper().createParser(json)) {
      String field = "";
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        switch (token) {
          case PROPERTY_NAME -> field = parser.currentName();
          case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> {
            sum += parser.getDoubleValue();
            present += field.equals("values") || field.equals("columns") ? 1 : 0;
          }
          case VALUE_STRING -> absent += isAbsent(field, parser.getString()) ? 1 : 0;
          default -> {
            // The structure says nothing further.
          }
        }
      }
    }
    return Double.isNaN(sum) || absent > 0 ? 0 : present;
  }

  /** A status of rows is a word; of columns it is empty where all values are present. */
  private static boolean isAbsent(String field, String text) {
    return field.equals("status") && !text.equals("present") && !text.isEmpty();
  }

  private static boolean mget(
      StatefulRedisConnection<byte[], byte[]> redis,
      String prefix,
      int rows,
      SplittableRandom random) {
    byte[][] keys = new byte[rows][];
    for (int row = 0; row < rows; row++) {
      keys[row] =
          (prefix + WideApplication.key(random.nextInt(WideApplication.ENTITIES)))
              .getBytes(StandardCharsets.UTF_8);
    }
    for (KeyValue<byte[], byte[]> value : redis.sync().mget(keys)) {
      if (!value.hasValue()) {
        throw new BenchException(
            "Redis has no " + new String(value.getKey(), StandardCharsets.UTF_8));
      }
    }
    return true;
  }
}
