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
import io.millrace.bench.stack.Load;
import io.millrace.bench.stack.Message;
import io.millrace.bench.stack.OnlineKeys;
import io.millrace.bench.stack.Waiting;
import io.millrace.cli.stack.Service;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * How old a feature is when it can first be read: an event of an item that was never seen goes in
 * at the front door, and Redis is asked for the item's features until it has them. All the while
 * other events come at half the rate that the two services can take.
 */
public final class FreshnessBench implements Bench {
  private static final int RUNS = 3;
  private static final int WARM_UP_EVENTS = 5_000;
  private static final Duration TIME = Duration.ofSeconds(15);
  private static final Duration LOOK = Duration.ofMillis(1);
  private static final Duration WITHIN = Duration.ofMinutes(2);

  @Override
  public String name() {
    return "freshness";
  }

  @Override
  public String description() {
    return "time from an event's acceptance to its feature in Redis, exactly once, beside bare"
        + " Kafka";
  }

  @Override
  public void run(BenchRun run) {
    InstantSource clock = InstantSource.system();
    try (BenchStack stack =
            BenchStack.start(run, EnumSet.of(Service.INGEST, Service.FEATURE_STORE));
        BareKafka bare = new BareKafka(stack, clock)) {
      RedisClient client = RedisClient.create(stack.stack().backends().redis().uri());
      try (StatefulRedisConnection<byte[], byte[]> redis =
          client.connect(ByteArrayCodec.INSTANCE)) {
        measure(run, new LoopApplication(stack, clock), bare, redis);
      } finally {
        client.shutdown();
      }
    }
  }

  private static void measure(
      BenchRun run,
      LoopApplication loop,
      BareKafka bare,
      StatefulRedisConnection<byte[], byte[]> redis) {
    loop.apply();
    Load.asFastAsTaken(loop.sender(), loop.fresh(WARM_UP_EVENTS));
    loop.awaitFeatures();
    long begin = System.nanoTime();
    Load.asFastAsTaken(loop.sender(), loop.fresh(WARM_UP_EVENTS));
    loop.awaitFeatures();
    double rate = WARM_UP_EVENTS / ((System.nanoTime() - begin) / 1e9) / 2;
    run.say("  at %,.0f events/s".formatted(rate));
    String prefix = OnlineKeys.prefix(redis, Views.item(0));
    List<Percentiles> sent = new ArrayList<>();
    List<Percentiles> accepted = new ArrayList<>();
    List<Percentiles> limit = new ArrayList<>();
    int runs = run.runs(RUNS);
    for (int i = 0; i < runs; i++) {
      limit.add(Percentiles.of(bare.route().latenciesMs(rate, TIME)));
      Samples samples = sample(loop, redis, prefix, rate);
      sent.add(Percentiles.of(samples.sinceSentMs()));
      accepted.add(Percentiles.of(samples.sinceAcceptedMs()));
    }
    run.result("background", "rate", "events/s", rate);
    report(run, "event sent to feature in Redis", sent, limit);
    report(run, "event accepted to feature in Redis", accepted, limit);
  }

  private static void report(
      BenchRun run, String subject, List<Percentiles> own, List<Percentiles> limit) {
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

  private record Samples(double[] sinceSentMs, double[] sinceAcceptedMs) {}

  private static Samples sample(
      LoopApplication loop,
      StatefulRedisConnection<byte[], byte[]> redis,
      String prefix,
      double rate) {
    List<Message> others = loop.fresh(Load.eventsOf(rate, TIME));
    CompletableFuture<Void> background =
        CompletableFuture.runAsync(
            () -> Load.atRate(loop.sender(), others, rate, due -> {}),
            task -> new Thread(task).start());
    List<Double> sent = new ArrayList<>();
    List<Double> accepted = new ArrayList<>();
    while (!background.isDone()) {
      LoopApplication.Probe probe = loop.probe();
      byte[] key = (prefix + probe.item()).getBytes(StandardCharsets.UTF_8);
      long begin = System.nanoTime();
      loop.sender().send(List.of(probe.message()));
      long taken = System.nanoTime();
      Waiting.until(
          () -> redis.sync().exists(key) == 1, LOOK, WITHIN, "the features of " + probe.item());
      long seen = System.nanoTime();
      sent.add((seen - begin) / 1e6);
      accepted.add((seen - taken) / 1e6);
    }
    background.join();
    if (sent.size() < 20) {
      throw new BenchException("only " + sent.size() + " events were followed in " + TIME);
    }
    return new Samples(
        sent.stream().mapToDouble(Double::doubleValue).toArray(),
        accepted.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
