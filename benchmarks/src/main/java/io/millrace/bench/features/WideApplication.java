// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.millrace.bench.BenchRun;
import io.millrace.bench.stack.BenchStack;
import io.millrace.bench.stack.HttpSender;
import io.millrace.bench.stack.Load;
import io.millrace.bench.stack.Message;
import io.millrace.bench.stack.Waiting;
import io.millrace.cli.stack.Service;
import io.millrace.common.security.ApiKeys;
import io.millrace.common.serde.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A stack with an application of 25 views with ten integer features each, and 10,000 entities that
 * have all of them. Not thread-safe, except for the connections that it opens.
 */
final class WideApplication implements AutoCloseable {
  static final String APP = "wide";
  static final String ENTITY = "device";

  /** A key that may read the application's features and do nothing else. */
  static final String READER = "bench-reader";

  static final int ENTITIES = 10_000;
  static final int VIEWS = 25;
  static final int FEATURES = 10;
  private static final int VALUE_BOUND = 1 << 14;
  private static final long SEED = 5;
  private static final Duration WITHIN = Duration.ofMinutes(10);

  private final BenchStack stack;
  private final RedisClient redis;

  private WideApplication(BenchStack stack) {
    this.stack = stack;
    this.redis = RedisClient.create(stack.stack().backends().redis().uri());
  }

  /** Starts a stack, applies the application and fills it. */
  static WideApplication start(BenchRun run) {
    BenchStack stack =
        BenchStack.start(
            run,
            EnumSet.of(Service.INGEST, Service.FEATURE_STORE),
            Map.of("MILLRACE_API_KEYS", keyFile().toString()));
    WideApplication wide = new WideApplication(stack);
    try {
      wide.fill(InstantSource.system());
      run.say("  %,d entities have their %d features".formatted(ENTITIES, VIEWS * FEATURES));
      return wide;
    } catch (RuntimeException e) {
      wide.close();
      throw e;
    }
  }

  /** A file of API keys with roles, so that every read is checked against them. */
  private static Path keyFile() {
    Map<String, Object> key =
        Map.of("name", "reader", "sha256", ApiKeys.hash(READER), "read", List.of(APP + "/v*"));
    try {
      Path file = Files.createTempFile("millrace-bench-keys-", ".json");
      file.toFile().deleteOnExit();
      return Files.write(file, Json.mapper().writeValueAsBytes(Map.of("keys", List.of(key))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void fill(InstantSource clock) {
    stack.apply(APP, definition().getBytes(StandardCharsets.UTF_8));
    SplittableRandom random = new SplittableRandom(SEED);
    Instant at = clock.instant().minusSeconds(60);
    List<Message> events = new ArrayList<>();
    for (int i = 0; i < ENTITIES; i++) {
      StringBuilder body =
          new StringBuilder(
              "{\"id\":\"r-%d\",\"at\":\"%s\",\"device\":\"%s\"".formatted(i, at, key(i)));
      for (int field = 0; field < VIEWS * FEATURES; field++) {
        body.append(",\"f").append(field).append("\":").append(random.nextInt(VALUE_BOUND));
      }
      events.add(new Message("r-" + i, body.append('}').toString()));
    }
    Load.asFastAsTaken(new HttpSender(stack.client(), APP, "reading", false), events);
    Waiting.until(
        () -> stack.applied(APP) == ENTITIES,
        Duration.ofMillis(500),
        WITHIN,
        "the features of " + ENTITIES + " entities");
  }

  static String key(int entity) {
    return "device-" + entity;
  }

  static String view(int number) {
    return String.format(Locale.ROOT, "v%02d", number);
  }

  BenchStack stack() {
    return stack;
  }

  /** A connection to the stack's Redis. */
  StatefulRedisConnection<byte[], byte[]> redis() {
    return redis.connect(ByteArrayCodec.INSTANCE);
  }

  private static String definition() {
    StringBuilder properties = new StringBuilder();
    for (int field = 0; field < VIEWS * FEATURES; field++) {
      properties.append("        f").append(field).append(": {type: integer}\n");
    }
    StringBuilder views = new StringBuilder();
    for (int view = 0; view < VIEWS; view++) {
      views
          .append("  ")
          .append(view(view))
          .append(":\n    source: reading\n    entity: device\n    features:\n");
      for (int i = 0; i < FEATURES; i++) {
        views.append(
            "      x%d: {aggregate: last, of: f%d, ttl: 30d}\n".formatted(i, view * FEATURES + i));
      }
    }
    return """
    apiVersion: millrace/v1
    kind: Application
    metadata: {name: wide, owner: bench@millrace.example, description: Many features of many devices}
    events:
      reading:
        time: {field: at}
        id: id
        schema:
          required: [id, device]
          properties:
            id: {type: string}
            at: {type: string}
            device: {type: string}
    %sentities:
      device: {key: device}
    featureViews:
    %s\
    """
        .formatted(properties.toString().indent(0), views);
  }

  @Override
  public void close() {
    redis.shutdown();
    stack.close();
  }
}
