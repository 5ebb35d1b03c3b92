// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.Stack;
import io.millrace.cli.stack.StackFolder;
import io.millrace.cli.stack.StackOptions;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.local.ManagedProcess;
import io.millrace.local.MillraceHome;
import io.millrace.testkit.await.Await;
import io.millrace.testkit.backend.TopicRecords;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Real Kafka, Redis and Cassandra and the six services as processes, on free ports, with logs and
 * data under {@code target/stack} of this module, where they stay after a failure to be looked at.
 * Safe for use by several threads.
 */
final class RunningStack implements AutoCloseable {
  /** Longest wait for anything; a busy machine takes many times what a quiet one does. */
  static final Duration LIMIT = Duration.ofMinutes(5);

  private static final int LOG_LINES = 40;

  private final Stack stack;
  private final ApiClient client;
  private final SpanReceiver spans;

  private RunningStack(Stack stack, SpanReceiver spans) {
    this.stack = stack;
    this.client = new ApiClient(stack.folder());
    this.spans = spans;
  }

  static RunningStack start() {
    MillraceHome home = MillraceHome.find();
    Path folder = home.root().resolve("system-tests/target/stack");
    SpanReceiver spans = SpanReceiver.start();
    Stack stack =
        new Stack(
            new StackOptions(
                home,
                new StackFolder(folder),
                0,
                LIMIT,
                StackOptions.StartCaches.USE,
                EnumSet.allOf(Service.class),
                Map.of(
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    spans.endpoint().toString(),
                    // Of a service that is killed: the shortest that a broker takes.
                    "MILLRACE_SESSION_TIMEOUT",
                    "6s")));
    stack.purge(RunningStack::say);
    stack.start(RunningStack::say);
    return new RunningStack(stack, spans);
  }

  /** Progress for whoever watches the build. */
  static void say(String line) {
    System.out.println("system tests: " + line);
  }

  @Override
  public void close() {
    client.close();
    stack.close();
    spans.close();
  }

  Stack stack() {
    return stack;
  }

  ApiClient client() {
    return client;
  }

  /** Where the services send their spans. */
  SpanReceiver spans() {
    return spans;
  }

  KafkaSettings kafka() {
    return new KafkaSettings(stack.backends().kafka().bootstrapServers());
  }

  /** Puts a definition in force. */
  void apply(String app, String yaml) {
    client.json(
        Service.INGEST,
        client
            .request(Service.INGEST, "/v1/applications/" + app, Duration.ofSeconds(60))
            .header("Content-Type", "application/yaml")
            .PUT(HttpRequest.BodyPublishers.ofString(yaml, StandardCharsets.UTF_8))
            .build());
  }

  /**
   * Waits until ingest has accepted all views and purchases of a kiosk, those that came over Kafka
   * too: what closes their windows must not overtake them, or they are late.
   */
  void awaitAccepted(String app, Kiosk kiosk) {
    String path = "/v1/applications/" + app + "/books";
    long events = (long) kiosk.views().size() + kiosk.buys().size();
    until(
        Service.INGEST,
        () -> client.get(Service.INGEST, path).path("accepted").asLong() >= events,
        () ->
            "has not accepted %,d events: %s".formatted(events, client.get(Service.INGEST, path)));
  }

  /** Waits until inference serves a champion of an application. */
  void awaitChampion(String app) {
    String path = "/v1/applications/" + app + "/serving";
    until(
        Service.INFERENCE,
        () -> client.get(Service.INFERENCE, path).toString().contains("\"CHAMPION\""),
        () ->
            "serves no champion: "
                + client.get(Service.INFERENCE, path)
                + tail(Service.MONITOR)
                + tail(Service.TRAINER)
                + tail(Service.VALIDATOR));
  }

  /** The end of a service's log, under a line that names it. */
  String tail(Service service) {
    Path log = stack.service(service).logFile();
    return "\n--- the end of " + log + ":\n" + ManagedProcess.tail(log, LOG_LINES);
  }

  /**
   * Waits until something holds of a service. One that is being started again does not answer, or
   * does not know everything yet: then it does not hold yet.
   *
   * @param what for the message: what is there instead
   */
  void until(Service service, Callable<Boolean> condition, Supplier<String> what) {
    Await.until(
        () -> {
          try {
            return condition.call();
          } catch (ApiException e) {
            return false;
          }
        },
        LIMIT,
        () -> service.id() + ": " + answerOf(what) + tail(service));
  }

  private static String answerOf(Supplier<String> what) {
    try {
      return what.get();
    } catch (ApiException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Everything committed that stands on a topic now, each partition in its order. */
  <K, V> List<ConsumerRecord<K, V>> read(Topic<K, V> topic) {
    return TopicRecords.of(kafka(), topic);
  }
}
