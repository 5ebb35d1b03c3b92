// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.ServiceProcess;
import io.millrace.cli.stack.Stack;
import io.millrace.cli.stack.StackFolder;
import io.millrace.cli.stack.StackOptions;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.local.Backend;
import io.millrace.local.LocalException;
import io.millrace.local.ManagedProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/**
 * A stack of its own: free ports, a temporary folder, the usual settings. Closing it, and Ctrl-C,
 * stop its processes and remove its folder. Safe for use by several threads.
 */
public final class BenchStack implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofMinutes(5);
  private static final int LOG_LINES = 15;

  private final Stack stack;
  private final ApiClient client;
  private final Thread onInterrupt;
  private final Map<String, Double> startSeconds;
  private final double readySeconds;

  private BenchStack(
      Stack stack, Thread onInterrupt, Map<String, Double> startSeconds, double readySeconds) {
    this.stack = stack;
    this.client = new ApiClient(stack.folder());
    this.onInterrupt = onInterrupt;
    this.startSeconds = startSeconds;
    this.readySeconds = readySeconds;
  }

  /** Starts one with these services and waits until all are ready. */
  public static BenchStack start(BenchRun run, Set<Service> services) {
    return start(run, services, Map.of());
  }

  /** The same with further environment variables for the services. */
  public static BenchStack start(
      BenchRun run, Set<Service> services, Map<String, String> environment) {
    Stack stack =
        new Stack(
            StackOptions.usual(run.home(), new StackFolder(folder()))
                .withPortBase(0)
                .withTimeout(START_LIMIT)
                .withServices(services)
                .withEnvironment(environment));
    Thread onInterrupt = new Thread(() -> purge(stack));
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    Map<String, Double> seconds = new ConcurrentHashMap<>();
    long begin = System.nanoTime();
    try {
      // Of the backends nobody keeps the time; of each line the first word is who is ready.
      stack.start(
          line -> seconds.putIfAbsent(line.split(" ", 2)[0], (System.nanoTime() - begin) / 1e9));
    } catch (LocalException e) {
      purge(stack);
      throw e;
    }
    double ready = (System.nanoTime() - begin) / 1e9;
    Map<String, Double> ordered = new LinkedHashMap<>();
    for (Backend backend : stack.backends().backends()) {
      ordered.put(backend.name(), seconds.getOrDefault(backend.name(), ready));
    }
    for (ServiceProcess service : stack.services()) {
      ordered.put(service.service().id(), service.startSeconds().orElse(ready));
    }
    run.say(String.format("  stack ready after %.1f s", ready));
    return new BenchStack(stack, onInterrupt, ordered, ready);
  }

  private static Path folder() {
    try {
      return Files.createTempDirectory("millrace-bench-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The processes. */
  public Stack stack() {
    return stack;
  }

  /** A client of the services. */
  public ApiClient client() {
    return client;
  }

  /** Settings of Kafka clients. */
  public KafkaSettings kafka() {
    return new KafkaSettings(stack.backends().kafka().bootstrapServers());
  }

  /** From nothing to all ready, in seconds. */
  public double readySeconds() {
    return readySeconds;
  }

  /** Process name → seconds of its own start until it was ready. */
  public Map<String, Double> startSeconds() {
    return startSeconds;
  }

  /** Process name → resident memory in MiB now. */
  public Map<String, Double> residentMb() {
    Map<String, Double> resident = new LinkedHashMap<>();
    for (Backend backend : stack.backends().backends()) {
      resident.put(backend.name(), (double) Stack.residentMb(backend).orElse(0));
    }
    for (ServiceProcess service : stack.services()) {
      resident.put(service.service().id(), (double) service.residentMb().orElse(0));
    }
    return resident;
  }

  /**
   * Process name → processor time that it has taken since it began, in seconds, this process
   * included; without those that do not run.
   */
  public Map<String, Double> cpuSeconds() {
    Map<String, OptionalLong> pids = new LinkedHashMap<>();
    stack.backends().backends().forEach(each -> pids.put(each.name(), each.pid()));
    stack.services().forEach(each -> pids.put(each.service().id(), each.pid()));
    pids.put("bench", OptionalLong.of(ProcessHandle.current().pid()));
    Map<String, Double> seconds = new LinkedHashMap<>();
    pids.forEach(
        (name, pid) ->
            pid.stream()
                .mapToObj(ProcessorTime::seconds)
                .flatMapToDouble(OptionalDouble::stream)
                .forEach(taken -> seconds.put(name, taken)));
    return seconds;
  }

  /** Puts an application into force. */
  public void apply(String app, byte[] definition) {
    client.json(
        Service.INGEST,
        client
            .request(Service.INGEST, "/v1/applications/" + app, Duration.ofSeconds(60))
            .header("Content-Type", "application/yaml")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(definition))
            .build());
  }

  /**
   * How many events the feature store has applied to an application's features, as of the last
   * commit; -1 while it does not tell, because it starts or is too busy.
   *
   * @throws BenchException where its process has ended
   */
  public long applied(String app) {
    try {
      JsonNode progress =
          client.get(Service.FEATURE_STORE, "/v1/applications/" + app + "/progress");
      return progress.path("applied").asLong() + progress.path("late").asLong();
    } catch (ApiException e) {
      if (stack.service(Service.FEATURE_STORE).pid().isEmpty()) {
        Path log = stack.service(Service.FEATURE_STORE).logFile();
        throw new BenchException(
            "the feature store has ended; the end of its log:\n"
                + ManagedProcess.tail(log, LOG_LINES),
            e);
      }
      return -1;
    }
  }

  @Override
  public void close() {
    client.close();
    purge(stack);
    try {
      Runtime.getRuntime().removeShutdownHook(onInterrupt);
    } catch (IllegalStateException e) {
      // The JVM is ending, and the hook finds nothing left to do.
      return;
    }
  }

  /** One at a time: Ctrl-C and the end of the benchmark may come together. */
  private static synchronized void purge(Stack stack) {
    try {
      stack.purge(line -> {});
    } catch (LocalException e) {
      throw new BenchException("cannot stop the benchmark's stack: " + e.getMessage(), e);
    }
  }
}
