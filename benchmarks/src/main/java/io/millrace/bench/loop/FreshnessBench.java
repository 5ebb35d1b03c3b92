// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.loop;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Median;
import io.millrace.bench.stack.BenchStack;
import io.millrace.bench.stack.DeviceViews;
import io.millrace.bench.stack.OnlineKeys;
import io.millrace.bench.stack.Waiting;
import io.millrace.cli.stack.Service;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * How old a feature is when it can first be read: an accepted event of a device that was never seen
 * is put onto its topic, and Redis is asked for the device's features until it has them. All the
 * while 20,000 other events come each second. Under each guarantee, and beside it what producing
 * and consuming takes alone.
 */
public final class FreshnessBench implements Bench {
  private static final int RUNS = 3;
  private static final double RATE = 20_000;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration TIME = Duration.ofSeconds(15);
  private static final Duration LOOK = Duration.ofMillis(1);
  private static final Duration WITHIN = Duration.ofMinutes(2);
  private static final int SAMPLES_MIN = 20;

  private static final Map<String, String> GUARANTEES = new LinkedHashMap<>();

  static {
    GUARANTEES.put("at_least_once", "at least once");
    GUARANTEES.put("exactly_once_v2", "exactly once");
  }

  @Override
  public String name() {
    return "freshness";
  }

  @Override
  public String description() {
    return "time from an accepted event to its feature in Redis at 20,000 events/s, beside bare"
        + " Kafka";
  }

  @Override
  public void run(BenchRun run) {
    InstantSource clock = InstantSource.system();
    try (BenchStack stack =
            BenchStack.start(run, EnumSet.of(Service.INGEST, Service.FEATURE_STORE));
        BareKafka bare = new BareKafka(stack, clock)) {
      stack.apply(
          AcceptedEvents.APP,
          DeviceViews.definition(AcceptedEvents.APP, false).getBytes(StandardCharsets.UTF_8));
      awaitInForce(stack);
      RedisClient client = RedisClient.create(stack.stack().backends().redis().uri());
      try (AcceptedEvents events = new AcceptedEvents(stack, clock);
          StatefulRedisConnection<byte[], byte[]> redis = client.connect(ByteArrayCodec.INSTANCE)) {
        GUARANTEES
            .keySet()
            .forEach(guarantee -> measure(run, stack, events, bare, redis, guarantee));
      } finally {
        client.shutdown();
      }
    }
  }

  private static void awaitInForce(BenchStack stack) {
    Waiting.until(
        () -> stack.applied(AcceptedEvents.APP) >= 0, Duration.ofMillis(250), WITHIN, "in force");
  }

  private static void measure(
      BenchRun run,
      BenchStack stack,
      AcceptedEvents events,
      BareKafka bare,
      StatefulRedisConnection<byte[], byte[]> redis,
      String guarantee) {
    stack.stack().service(Service.FEATURE_STORE).stop();
    stack
        .stack()
        .restart(Service.FEATURE_STORE, Map.of("MILLRACE_PROCESSING_GUARANTEE", guarantee));
    awaitInForce(stack);
    events.sendAndWait(guarantee);
    events.sendAtRate(RATE, WARM_UP, guarantee + "-warm");
    String prefix = OnlineKeys.prefix(redis, guarantee);
    List<Percentiles> own = new ArrayList<>();
    List<Percentiles> limit = new ArrayList<>();
    int runs = run.runs(RUNS);
    for (int i = 0; i < runs; i++) {
      limit.add(Percentiles.of(bare.route().latenciesMs(RATE, TIME)));
      own.add(Percentiles.of(sample(events, redis, prefix, guarantee + i)));
      run.say(
          "  %s: %.0f ms p50, %.0f ms p99; bare %.0f ms p50, %.0f ms p99"
              .formatted(
                  GUARANTEES.get(guarantee),
                  own.getLast().p50(),
                  own.getLast().p99(),
                  limit.getLast().p50(),
                  limit.getLast().p99()));
    }
    String subject = "event sent to feature in Redis, " + GUARANTEES.get(guarantee);
    run.result(
        subject,
        "latency p50",
        "ms",
        own.stream().map(Percentiles::p50).toList(),
        BareKafka.NAME,
        limit.stream().map(Percentiles::p50).toList());
    run.result(
        subject,
        "latency p99",
        "ms",
        own.stream().map(Percentiles::p99).toList(),
        BareKafka.NAME,
        limit.stream().map(Percentiles::p99).toList());
  }

  private record Percentiles(double p50, double p99) {
    static Percentiles of(double[] ms) {
      return new Percentiles(Median.quantile(ms, 0.5), Median.quantile(ms, 0.99));
    }
  }

  private static double[] sample(
      AcceptedEvents events,
      StatefulRedisConnection<byte[], byte[]> redis,
      String prefix,
      String name) {
    CompletableFuture<Void> background =
        CompletableFuture.runAsync(
            () -> events.sendAtRate(RATE, TIME, name), task -> new Thread(task).start());
    List<Double> sent = new ArrayList<>();
    for (int probe = 0; !background.isDone(); probe++) {
      String device = name + "-probe-" + probe;
      byte[] key = (prefix + device).getBytes(StandardCharsets.UTF_8);
      long begin = System.nanoTime();
      events.sendAndWait(device);
      Waiting.until(() -> redis.sync().exists(key) == 1, LOOK, WITHIN, "features of " + device);
      sent.add((System.nanoTime() - begin) / 1e6);
    }
    background.join();
    if (sent.size() < SAMPLES_MIN) {
      throw new BenchException("only " + sent.size() + " events were followed in " + TIME);
    }
    return sent.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
