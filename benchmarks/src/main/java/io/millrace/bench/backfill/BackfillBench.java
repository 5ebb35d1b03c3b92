// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.backfill;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Timed;
import io.millrace.bench.stack.BenchStack;
import io.millrace.bench.stack.HttpSender;
import io.millrace.bench.stack.SettledHistory;
import io.millrace.bench.stack.Waiting;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.stack.Service;
import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A definition with one more feature of 90 days is applied while orders come in and another feature
 * is read all the time: how long until the new one is served, what that costs, and what the readers
 * notice. In the end both features are compared with plain sums for every key. Beside it what the
 * engine alone takes for the new feature of the same orders.
 */
public final class BackfillBench implements Bench {
  private static final int RUNS = 3;
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration WITHIN = Duration.ofMinutes(5);

  /** Readers go on for so long before and after: what a cut-over leaves behind is removed late. */
  private static final Duration AROUND = Duration.ofSeconds(5);

  private static final int AT_ONCE = 500;
  private static final String SUBJECT =
      "a new 90-day feature of %,d events, 500 events/s coming in".formatted(Orders.PAST);
  private static final String OLD = "a feature that was there before, read meanwhile";

  /** One round: until the new feature was served, and what was seen from before to after. */
  private record Round(
      double events, double seconds, Map<String, Double> cpuSeconds, OldFeatureReads reads) {
    double cpuOfService() {
      return cpuSeconds.getOrDefault(Service.FEATURE_STORE.id(), 0.0);
    }

    double cpuOfAll() {
      return cpuSeconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  @Override
  public String name() {
    return "backfill";
  }

  @Override
  public String description() {
    return "events/s of a new 90-day feature's backfill on live traffic and what readers notice,"
        + " beside the engine alone";
  }

  @Override
  public void run(BenchRun run) {
    InstantSource clock = InstantSource.system();
    long now = clock.millis();
    Orders orders = new Orders(now);
    int runs = run.runs(RUNS);
    List<Timed> alone = new ArrayList<>();
    for (int i = 0; i <= runs; i++) {
      alone.add(Recomputation.of(orders, i, now));
    }
    // The first was for the compiler.
    alone.removeFirst();
    List<Round> rounds = new ArrayList<>();
    try (BenchStack stack =
        BenchStack.start(run, EnumSet.of(Service.INGEST, Service.FEATURE_STORE))) {
      stack.apply(Orders.APP, Definitions.without());
      Waiting.until(() -> stack.applied(Orders.APP) >= 0, LOOK, WITHIN, "in force");
      fill(stack, orders);
      for (int i = 0; i < runs; i++) {
        awaitApplied(stack, orders);
        SettledHistory.await(stack, Orders.APP);
        rounds.add(round(run, stack, orders, i, clock));
      }
    }
    report(run, rounds, alone);
  }

  private static void fill(BenchStack stack, Orders orders) {
    Topic<String, Event> topic = new Topics(Orders.APP).events(Orders.EVENT);
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    try (Producer<String, Event> producer =
        new KafkaProducer<>(
            stack.kafka().producer(), new StringSerializer(), topic.valueSerde().serializer())) {
      orders.eachPast(
          event ->
              producer.send(
                  new ProducerRecord<>(topic.name(), null, event.eventTimeMs(), event.key(), event),
                  (done, problem) -> failure.compareAndSet(null, problem)));
    }
    Exception refused = failure.get();
    if (refused != null) {
      throw new BenchException("Kafka refused an event: " + refused, refused);
    }
  }

  private static void awaitApplied(BenchStack stack, Orders orders) {
    Waiting.until(
        () -> stack.applied(Orders.APP) == orders.count(),
        Duration.ofMillis(500),
        WITHIN,
        orders.count() + " orders in the features");
  }

  private static Round round(
      BenchRun run, BenchStack stack, Orders orders, int round, InstantSource clock) {
    OnlineValues values = new OnlineValues(stack);
    double seconds;
    Map<String, Double> cpu;
    OldFeatureReads reads = new OldFeatureReads(values, orders);
    try (reads;
        LiveOrders live =
            new LiveOrders(
                orders, new HttpSender(stack.client(), Orders.APP, Orders.EVENT, false), clock)) {
      live.requireSending();
      LockSupport.parkNanos(AROUND.toNanos());
      Map<String, Double> before = stack.cpuSeconds();
      long begin = System.nanoTime();
      stack.apply(Orders.APP, Definitions.with(round));
      Waiting.until(
          () -> isServed(values, orders, round), LOOK, WITHIN, Definitions.newFeature(round));
      seconds = (System.nanoTime() - begin) / 1e9;
      cpu = since(before, stack.cpuSeconds());
      live.requireSending();
      LockSupport.parkNanos(AROUND.toNanos());
    }
    awaitApplied(stack, orders);
    compare(values, orders, round);
    Round done = new Round(orders.count(), seconds, cpu, reads);
    run.say(
        "  served after %.1f s; %,d reads meanwhile, %d bad, longest pause %.0f ms"
            .formatted(seconds, reads.reads(), reads.bad(), reads.longestPauseMs()));
    if (reads.firstBad() != null) {
      run.say("  first bad read: " + reads.firstBad());
    }
    return done;
  }

  /** Whether the new feature of somebody who has ordered nothing meanwhile is there and right. */
  private static boolean isServed(OnlineValues values, Orders orders, int round) {
    double value;
    try {
      value = values.read(Definitions.newFeature(round), 0)[0];
    } catch (ApiException e) {
      // It does not know the feature yet, or has no time to say so.
      return false;
    }
    return value == orders.amounts90(0) * Definitions.factor(round);
  }

  private static Map<String, Double> since(Map<String, Double> before, Map<String, Double> now) {
    Map<String, Double> since = new LinkedHashMap<>();
    now.forEach((process, cpu) -> since.put(process, cpu - before.getOrDefault(process, 0.0)));
    return since;
  }

  private static void compare(OnlineValues values, Orders orders, int round) {
    for (int from = 0; from < Orders.CUSTOMERS; from += AT_ONCE) {
      int[] customers = IntStream.range(from, from + AT_ONCE).toArray();
      double[] fresh = values.read(Definitions.newFeature(round), customers);
      double[] old = values.read(Definitions.OLD_FEATURE, customers);
      for (int i = 0; i < customers.length; i++) {
        int customer = customers[i];
        require(customer, fresh[i], orders.amounts90(customer) * Definitions.factor(round));
        require(customer, old[i], orders.orders(customer));
      }
    }
  }

  private static void require(int customer, double value, long expected) {
    if (value != expected) {
      throw new BenchException(
          "%s: served %s, summed up %d".formatted(Orders.key(customer), value, expected));
    }
  }

  private static void report(BenchRun run, List<Round> rounds, List<Timed> alone) {
    List<Double> rateAlone = alone.stream().map(each -> Orders.PAST / each.seconds()).toList();
    List<Double> perCpuAlone = alone.stream().map(each -> Orders.PAST / each.cpuSeconds()).toList();
    run.result(SUBJECT, "apply to served", "s", rounds.stream().map(Round::seconds).toList());
    run.result(
        SUBJECT,
        "throughput",
        "events/s",
        rounds.stream().map(each -> each.events() / each.seconds()).toList(),
        Recomputation.NAME,
        rateAlone);
    run.result(
        SUBJECT,
        "events a CPU second of the feature store",
        "events/s/core",
        rounds.stream().map(each -> each.events() / each.cpuOfService()).toList(),
        Recomputation.NAME,
        perCpuAlone);
    run.result(
        SUBJECT,
        "events a CPU second of everything",
        "events/s/core",
        rounds.stream().map(each -> each.events() / each.cpuOfAll()).toList(),
        Recomputation.NAME,
        perCpuAlone);
    for (String process : rounds.getFirst().cpuSeconds().keySet()) {
      run.result(
          process,
          "processor time",
          "s per million events",
          rounds.stream()
              .map(each -> each.cpuSeconds().getOrDefault(process, 0.0) / each.events() * 1e6)
              .toList());
    }
    run.result(
        OLD, "reads", "", rounds.stream().map(each -> (double) each.reads().reads()).toList());
    run.overall(
        OLD,
        "failed, missing or wrong, of all runs",
        "reads",
        rounds.stream().mapToInt(each -> each.reads().bad()).sum(),
        null,
        rounds.size());
    run.result(
        OLD,
        "longest pause between two good answers",
        "ms",
        rounds.stream().map(each -> each.reads().longestPauseMs()).toList());
  }
}
