// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.loop;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Median;
import io.millrace.bench.stack.Arrivals;
import io.millrace.bench.stack.BenchStack;
import io.millrace.bench.stack.Load;
import io.millrace.bench.stack.Route;
import io.millrace.bench.stack.Waiting;
import io.millrace.cli.replay.EventFile;
import io.millrace.cli.replay.Replay;
import io.millrace.cli.replay.ReplayException;
import io.millrace.cli.replay.ReplayFile;
import io.millrace.cli.stack.Service;
import io.millrace.common.topic.Topics;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The loop from outside: what all six services and their backends take to start, how many events a
 * second become features, how long an event takes to its prediction, and how fast a file of past
 * events goes in.
 */
public final class LoopBench implements Bench {
  private static final int RUNS = 3;
  private static final int WARM_UP_EVENTS = 5_000;
  private static final int EVENTS_MAX = 40_000;
  private static final Duration BURST_TIME = Duration.ofSeconds(10);
  private static final Duration LATENCY_TIME = Duration.ofSeconds(15);

  private static final Duration REPLAY_WITHIN = Duration.ofMinutes(10);
  private static final List<Double> RANKS = List.of(0.5, 0.99);
  private static final String THROUGHPUT = "throughput";
  private static final String PER_S = "events/s";

  @Override
  public String name() {
    return "loop";
  }

  @Override
  public String description() {
    return "events/s to features in Redis, event-to-prediction latency beside bare Kafka, start-up,"
        + " memory, replay";
  }

  @Override
  public void run(BenchRun run) {
    int runs = run.runs(RUNS);
    List<Starts> starts = new ArrayList<>();
    for (int i = 1; i < runs; i++) {
      try (BenchStack stack = start(run)) {
        starts.add(Starts.of(stack));
      }
    }
    try (BenchStack stack = start(run)) {
      starts.add(Starts.of(stack));
      report(run, starts);
      measure(run, runs, stack);
      report(run, "after load", stack);
      if (run.retail().isPresent()) {
        replay(run, stack, run.retail().get());
        report(run, "after replay", stack);
      } else {
        run.say("no retail file: replay is left out; --retail FILE names one");
      }
    }
  }

  private static BenchStack start(BenchRun run) {
    return BenchStack.start(run, EnumSet.allOf(Service.class));
  }

  private record Starts(
      double readySeconds, Map<String, Double> startSeconds, Map<String, Double> residentMb) {
    static Starts of(BenchStack stack) {
      return new Starts(stack.readySeconds(), stack.startSeconds(), stack.residentMb());
    }
  }

  private static void report(BenchRun run, List<Starts> starts) {
    run.result("stack", "start", "s", starts.stream().map(Starts::readySeconds).toList());
    for (String process : starts.getFirst().startSeconds().keySet()) {
      run.result(
          process,
          "start",
          "s",
          starts.stream().map(each -> each.startSeconds().getOrDefault(process, 0.0)).toList());
    }
    report(run, "idle", starts.stream().map(Starts::residentMb).toList());
  }

  private static void report(BenchRun run, String when, BenchStack stack) {
    report(run, when, List.of(stack.residentMb()));
  }

  private static void report(BenchRun run, String when, List<Map<String, Double>> resident) {
    String metric = "resident memory, " + when;
    run.result("stack", metric, "MiB", resident.stream().map(LoopBench::sum).toList());
    for (String process : resident.getFirst().keySet()) {
      run.result(
          process,
          metric,
          "MiB",
          resident.stream().map(each -> each.getOrDefault(process, 0.0)).toList());
    }
  }

  private static double sum(Map<String, Double> values) {
    return values.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static void measure(BenchRun run, int runs, BenchStack stack) {
    InstantSource clock = InstantSource.system();
    LoopApplication loop = new LoopApplication(stack, clock);
    loop.prepare(run);
    String predictions = new Topics(LoopApplication.APP).predictions().name();
    try (BareKafka bare = new BareKafka(stack, clock);
        Arrivals predicted =
            new Arrivals(
                stack.kafka(), predictions, json -> BareKafka.text(json, "predictionId"))) {
      Route route = new Route(loop::fresh, loop.sender(), predicted);
      run.say("  warming up");
      bare.route().burst(WARM_UP_EVENTS, begin -> {});
      double expected = route.burst(WARM_UP_EVENTS, begin -> {}).arrivedRate();
      int events = Math.clamp(Load.eventsOf(expected, BURST_TIME), WARM_UP_EVENTS, EVENTS_MAX);
      double rate = throughput(run, runs, events, loop, route, bare.route()) / 2;
      latency(run, runs, rate, route, bare.route());
    }
  }

  /** Measures and returns events a second until they are in the features. */
  private static double throughput(
      BenchRun run, int runs, int events, LoopApplication loop, Route route, Route bare) {
    List<Double> accepted = new ArrayList<>();
    List<Double> visible = new ArrayList<>();
    List<Double> predicted = new ArrayList<>();
    List<Double> limit = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      limit.add(bare.burst(events, begin -> {}).arrivedRate());
      Route.Burst burst =
          route.burst(
              events,
              begin -> {
                loop.awaitFeatures();
                visible.add(events / ((System.nanoTime() - begin) / 1e9));
              });
      accepted.add(burst.acceptedRate());
      predicted.add(burst.arrivedRate());
      run.say(
          String.format(
              Locale.ROOT,
              "  %,d events: %,.0f/s accepted, %,.0f/s in the features, %,.0f/s predicted",
              events,
              accepted.getLast(),
              visible.getLast(),
              predicted.getLast()));
    }
    run.result("HTTP to accepted", THROUGHPUT, PER_S, accepted, BareKafka.NAME, limit);
    run.result("HTTP to feature in Redis", THROUGHPUT, PER_S, visible, BareKafka.NAME, limit);
    run.result("HTTP to prediction", THROUGHPUT, PER_S, predicted, BareKafka.NAME, limit);
    return Median.of(visible);
  }

  private static void latency(BenchRun run, int runs, double rate, Route route, Route bare) {
    Map<Double, List<Double>> loop = new TreeMap<>();
    Map<Double, List<Double>> limit = new TreeMap<>();
    for (int i = 0; i < runs; i++) {
      double[] ofBare = bare.latenciesMs(rate, LATENCY_TIME);
      double[] ofLoop = route.latenciesMs(rate, LATENCY_TIME);
      for (double rank : RANKS) {
        loop.computeIfAbsent(rank, each -> new ArrayList<>()).add(Median.quantile(ofLoop, rank));
        limit.computeIfAbsent(rank, each -> new ArrayList<>()).add(Median.quantile(ofBare, rank));
      }
      run.say(String.format(Locale.ROOT, "  at %,.0f events/s: %s ms", rate, loop));
    }
    String subject = "event to prediction at half the rate to Redis";
    run.result(subject, "rate", PER_S, rate);
    for (double rank : RANKS) {
      run.result(
          subject,
          String.format(Locale.ROOT, "latency p%.0f", rank * 100),
          "ms",
          loop.getOrDefault(rank, List.of()),
          BareKafka.NAME,
          limit.getOrDefault(rank, List.of()));
    }
  }

  private static void replay(BenchRun run, BenchStack stack, Path file) {
    run.say("  replaying " + file.getFileName());
    try (PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      stack.apply(
          "retail",
          Files.readAllBytes(run.home().root().resolve("examples/retail/application.yaml")));
      long begin = System.nanoTime();
      Replay.Result result =
          new Replay(stack.client(), "retail", 1, quiet, false)
              .send(List.of(new EventFile("order_line", ReplayFile.of(file), null)), Long.MAX_VALUE)
              .values()
              .iterator()
              .next();
      if (!result.balances()) {
        throw new BenchException("the books of the replay do not balance: " + result);
      }
      awaitApplied(stack, result.accepted());
      double applied = (System.nanoTime() - begin) / 1e9;
      run.result("retail replay to accepted", THROUGHPUT, "rows/s", result.rowsPerSecond());
      run.result("retail replay to features", THROUGHPUT, "rows/s", (double) result.in() / applied);
      run.result("retail replay to features", "duration", "s", applied);
    } catch (IOException | ReplayException e) {
      throw new BenchException("replay: " + e.getMessage(), e);
    }
  }

  private static void awaitApplied(BenchStack stack, long accepted) {
    Waiting.until(
        () -> stack.applied("retail") == accepted,
        Duration.ofMillis(250),
        REPLAY_WITHIN,
        accepted + " rows of the replay in the features");
  }
}
