// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.common.contract.Event;
import io.millrace.common.serde.Json;
import io.millrace.common.topic.Topics;
import io.millrace.local.BackendOptions;
import io.millrace.local.Lifetime;
import io.millrace.local.LocalRedis;
import io.millrace.local.MillraceHome;
import io.millrace.onlineapi.KeyColumn;
import io.millrace.onlineapi.OnlineFeaturesGrpc;
import io.millrace.onlineapi.ReadRequest;
import io.millrace.onlineapi.ReadResponse;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.Backends;
import io.millrace.testkit.backend.RequiresBackends;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Who may read what online, and what is answered while Redis stands still: over HTTP and gRPC, with
 * clients that are not ours. On real servers.
 */
@RequiresBackends(kafka = true, cassandra = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OnlineAccessIT {
  private static final Duration LIMIT = LiveBackends.LIMIT;
  private static final Metadata.Key<String> API_KEY =
      Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);
  private static final List<String> FEATURES =
      List.of("user_impressions.price_sum_1d", "user_impressions.n_1h", "item_impressions.n_1h");

  private final String app = Backends.uniqueName("shop");
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Event> events = new ArrayList<>();
  private final LiveBackends live = new LiveBackends();
  private @Nullable LocalRedis startedRedis;
  private @Nullable RunningFeatureStore startedService;
  private @Nullable ManagedChannel openedChannel;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    for (int i = 0; i < 50; i++) {
      events.add(Definitions.impression(app, "i" + i, "u1", "item1", Definitions.T0 + i, 2.0));
    }
    LocalRedis redis =
        new LocalRedis(
            MillraceHome.find(),
            new BackendOptions(folder.resolve("redis"), 0, 64, Lifetime.ofThisProcess()));
    startedRedis = redis;
    redis.start();
    redis.awaitReady(LIMIT);
    Path roles = folder.resolve("keys.json");
    Files.writeString(
        roles,
        """
        {"keys": [
          {"name": "front", "sha256": "%s", "read": ["%s/user_impressions.price_*", "%s/item_*"]},
          {"name": "stranger", "sha256": "%s", "read": ["elsewhere/*"]},
          {"name": "producer", "sha256": "%s", "write": ["%s"]}
        ]}
        """
            .formatted(
                sha256("front-key"),
                app,
                app,
                sha256("stranger-key"),
                sha256("producer-key"),
                app));
    RunningFeatureStore service =
        LiveBackends.service(
            app,
            redis.uri(),
            folder.resolve("data"),
            Map.of("MILLRACE_API_KEYS", roles.toString(), "MILLRACE_READS_MAX", "2"));
    startedService = service;
    live.apply(Definitions.shop(app), 1);
    live.send(new Topics(app), events);
    service.start();
    Await.until(
        () ->
            status("test-key", FEATURES, null) == 200
                && values(read("test-key", FEATURES)).equals(List.of("100", "50", "50")),
        LIMIT,
        service::tail);
    openedChannel =
        ManagedChannelBuilder.forAddress("127.0.0.1", service.grpcPort()).usePlaintext().build();
  }

  @AfterAll
  void stop() throws InterruptedException, IOException {
    if (openedChannel != null) {
      openedChannel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
    if (startedService != null) {
      startedService.close();
    }
    if (startedRedis != null) {
      signal("CONT");
      startedRedis.stop();
    }
    live.close();
  }

  private static String sha256(String key) throws NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
  }

  private RunningFeatureStore service() {
    return Objects.requireNonNull(startedService);
  }

  /** Stops the process of Redis where it stands, or lets it go on: its sockets stay open. */
  private void signal(String name) throws IOException, InterruptedException {
    long pid = Objects.requireNonNull(startedRedis).pid().orElseThrow();
    int ended = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    assertThat(ended).isZero();
  }

  private HttpResponse<byte[]> ask(
      @Nullable String key, List<String> features, @Nullable Long deadlineMs) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(service().url("/v1/applications/" + app + "/features:online")))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    Json.mapper()
                        .writeValueAsBytes(
                            Map.of(
                                "features",
                                features,
                                "entities",
                                List.of(Map.of("user", "u1", "item", "item1")),
                                "at",
                                Definitions.T0 + 1_000))));
    if (key != null) {
      request.header("X-API-Key", key);
    }
    if (deadlineMs != null) {
      request.header("X-Deadline-Ms", Long.toString(deadlineMs));
    }
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private int status(@Nullable String key, List<String> features, @Nullable Long deadlineMs) {
    return ask(key, features, deadlineMs).statusCode();
  }

  private JsonNode read(@Nullable String key, List<String> features) {
    HttpResponse<byte[]> response = ask(key, features, null);
    assertThat(response.statusCode()).isEqualTo(200);
    return Json.mapper().readTree(response.body());
  }

  private static List<String> values(JsonNode answer) {
    List<String> values = new ArrayList<>();
    for (JsonNode value : answer.get("rows").get(0).get("values")) {
      values.add(value.isNumber() ? Long.toString(value.asLong()) : value.toString());
    }
    return values;
  }

  private ReadResponse grpc(@Nullable String key, List<String> features, long deadlineMs) {
    Metadata metadata = new Metadata();
    if (key != null) {
      metadata.put(API_KEY, key);
    }
    return OnlineFeaturesGrpc.newBlockingStub(Objects.requireNonNull(openedChannel))
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
        .withDeadlineAfter(deadlineMs, TimeUnit.MILLISECONDS)
        .read(
            ReadRequest.newBuilder()
                .setApp(app)
                .addAllFeatures(features)
                .addKeys(KeyColumn.newBuilder().setEntity("user").addValues("u1"))
                .addKeys(KeyColumn.newBuilder().setEntity("item").addValues("item1"))
                .setAtMs(Definitions.T0 + 1_000)
                .build());
  }

  private Status.Code refusal(@Nullable String key, List<String> features, long deadlineMs) {
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> grpc(key, features, deadlineMs));
    return refused == null ? Status.Code.OK : refused.getStatus().getCode();
  }

  @Test
  void read_roleForSomeFeatures_servesThemAndNamesTheOthers() {
    JsonNode answer = read("front-key", FEATURES);
    assertThat(values(answer)).containsExactly("100", "null", "50");
    assertThat(answer.get("denied").toString()).isEqualTo("[\"user_impressions.n_1h\"]");
    ReadResponse wire = grpc("front-key", FEATURES, 60_000);
    assertThat(wire.getDeniedList()).containsExactly("user_impressions.n_1h");
    assertThat(wire.getIntegersList()).containsExactly(100L, 50L);
    assertThat(wire.getDoublesList()).isEmpty();
    // The platform's key may read what was denied.
    assertThat(values(read("test-key", FEATURES))).containsExactly("100", "50", "50");
    assertThat(grpc("test-key", FEATURES, 60_000).getIntegersList())
        .containsExactly(100L, 50L, 50L);
  }

  @Test
  void read_noRightAtAll_isForbiddenAndSaysWhose() {
    List<String> one = List.of("user_impressions.n_1h");
    for (String key : List.of("front-key", "stranger-key", "producer-key")) {
      HttpResponse<byte[]> answer = ask(key, one, null);
      assertThat(answer.statusCode()).as(key).isEqualTo(403);
      assertThat(new String(answer.body(), StandardCharsets.UTF_8))
          .contains("user_impressions.n_1h")
          .contains(key.substring(0, key.indexOf('-')));
      assertThat(refusal(key, one, 60_000)).as(key).isEqualTo(Status.Code.PERMISSION_DENIED);
    }
  }

  @Test
  void read_keyUnknownOrAbsent_isUnauthenticated() {
    for (String key : new String[] {"front-kez", "", null}) {
      HttpResponse<byte[]> answer = ask(key, FEATURES, null);
      assertThat(answer.statusCode()).as(String.valueOf(key)).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      assertThat(refusal(key, FEATURES, 60_000)).isEqualTo(Status.Code.UNAUTHENTICATED);
    }
  }

  @Test
  void write_withARoleToRead_isForbiddenAndWithoutKeyUnauthenticated() throws Exception {
    for (var expected : Map.of("front-key", 403, "unknown", 401, "producer-key", 403).entrySet()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(service().url("/v1/applications/" + app + "/datasets")))
              .header("Content-Type", "application/json")
              .header("X-API-Key", expected.getKey())
              .POST(HttpRequest.BodyPublishers.ofString("{}"))
              .build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(expected.getKey()).isEqualTo(expected.getValue());
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    }
    assertThat(service().postStatus("/v1/applications/" + app + "/datasets", Map.of()))
        .isNotIn(401, 403);
  }

  @Test
  void read_redisStandsStill_endsAtTheDeadlineAndIsRefusedAtOnceWhenFull() throws Exception {
    AtomicBoolean blocking = new AtomicBoolean(true);
    List<Thread> blocked = new ArrayList<>();
    signal("STOP");
    try {
      // Redis stands still until the last line of this block: what ends, ended by its deadline.
      // What
      // was read before is at hand until nothing proves any more that it has not changed.
      Await.until(() -> status("test-key", FEATURES, 300L) == 503, LIMIT, service()::tail);
      HttpResponse<byte[]> late = ask("test-key", FEATURES, 300L);
      assertThat(late.statusCode()).isEqualTo(503);
      assertThat(late.headers().firstValue("Retry-After")).isPresent();
      assertThat(refusal("test-key", FEATURES, 300))
          .isIn(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED);

      for (int i = 0; i < 2; i++) {
        blocked.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      while (blocking.get()) {
                        status("test-key", FEATURES, null);
                      }
                    }));
      }
      Await.until(() -> status("test-key", FEATURES, 100L) == 429, LIMIT, () -> "never full");
      Await.until(
          () -> {
            HttpResponse<byte[]> full = ask("test-key", FEATURES, null);
            return full.statusCode() == 429 && full.headers().firstValue("Retry-After").isPresent();
          },
          LIMIT,
          () -> "not full again");
      Await.until(
          () -> refusal("test-key", FEATURES, 60_000) == Status.Code.RESOURCE_EXHAUSTED,
          LIMIT,
          () -> "never full over gRPC");
    } finally {
      signal("CONT");
      blocking.set(false);
      for (Thread each : blocked) {
        each.join();
      }
    }
    Await.until(() -> status("test-key", FEATURES, null) == 200, LIMIT, service()::tail);
    assertThat(values(read("test-key", FEATURES))).containsExactly("100", "50", "50");
    assertThat(grpc("test-key", FEATURES, 60_000).getIntegersList())
        .containsExactly(100L, 50L, 50L);
  }
}
