// SPDX-License-Identifier: Apache-2.0
package io.millrace.example.yarnit;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs the shop against a platform: event time goes {@code speed} times as fast as the clock;
 * searches come as a Poisson process that follows the time of day; messages go over HTTP and
 * straight to Kafka, one batch a tick. Owns one thread. Commands may come from any thread.
 */
public final class Simulation implements AutoCloseable {
  private static final long TICK_MS = 100;
  private static final double KAFKA_SHARE = 0.4;
  private static final int RETRIES_MAX = 600;

  private final World world;
  private final Truth truth = new Truth();
  private final Traffic traffic;
  private final EventSink http;
  private final EventSink kafka;
  private final SplittableRandom random;
  private final double searchesPerTick;
  private final long eventMsPerTick;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicLong now;
  private final AtomicLong in = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private final AtomicLong duplicates = new AtomicLong();
  private final List<Runnable> commands = new ArrayList<>();
  private volatile @Nullable Exception failure;

  /**
   * What to run.
   *
   * @param app application that the events go to
   * @param seed of everything random
   * @param startMs event time at the start
   * @param speed event time per clock time
   * @param impressionsPerSecond mean over a day, of the clock
   */
  public record Settings(
      URI ingest,
      String bootstrapServers,
      String apiKey,
      String app,
      long seed,
      long startMs,
      double speed,
      double impressionsPerSecond) {}

  public Simulation(Settings settings) {
    this.world = new World(settings.seed(), settings.startMs());
    this.traffic = new Traffic(world, settings.seed() + 1, truth::record);
    this.random = new SplittableRandom(settings.seed() + 2);
    this.http = new HttpSink(settings.ingest(), settings.app(), settings.apiKey());
    this.kafka = new KafkaSink(settings.bootstrapServers(), settings.app());
    this.now = new AtomicLong(settings.startMs());
    this.eventMsPerTick = Math.round(TICK_MS * settings.speed());
    this.searchesPerTick = settings.impressionsPerSecond() / World.LIST_LENGTH * TICK_MS / 1_000.0;
  }

  public void start() {
    Thread.ofPlatform().name("yarnit").daemon().start(this::run);
  }

  public Truth truth() {
    return truth;
  }

  /** Event time of the shop. */
  public long nowMs() {
    return now.get();
  }

  /** What was sent up to now, and what must have become of it. */
  public Books books() {
    return new Books(in.get(), accepted.get(), rejected.get(), duplicates.get());
  }

  /** Why it stopped early; null while all is well. */
  public @Nullable Exception failure() {
    return failure;
  }

  /** Changes people's taste before the next search; returns the event time of the change. */
  public long shiftTaste() {
    return command(world::shiftTaste);
  }

  /** Starts or ends the unit bug before the next search; returns the event time of the change. */
  public long setPriceInPence(boolean pence) {
    return command(() -> world.setPriceInPence(pence));
  }

  private synchronized long command(Runnable change) {
    commands.add(change);
    return now.get();
  }

  private synchronized void obey() {
    commands.forEach(Runnable::run);
    commands.clear();
  }

  private void run() {
    long next = System.nanoTime();
    try {
      while (stopping.getCount() > 0) {
        obey();
        long from = now.get();
        long to = from + eventMsPerTick;
        search(from, to);
        send(traffic.due(to));
        now.set(to);
        next += TICK_MS * 1_000_000;
        long wait = next - System.nanoTime();
        if (wait < 0) {
          // Behind: the shop's clock slows down instead of sending a burst.
          next = System.nanoTime();
        } else if (stopping.await(wait, TimeUnit.NANOSECONDS)) {
          break;
        }
      }
    } catch (IOException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stopped.countDown();
    }
  }

  private void search(long fromMs, long toMs) {
    double expected = searchesPerTick * World.traffic(fromMs);
    int searches = poisson(expected);
    long[] times = random.longs(searches, fromMs, toMs).sorted().toArray();
    for (long at : times) {
      traffic.search(at);
    }
  }

  private int poisson(double mean) {
    double limit = Math.exp(-mean);
    double product = random.nextDouble();
    int count = 0;
    while (product > limit) {
      product *= random.nextDouble();
      count++;
    }
    return count;
  }

  private void send(List<Delivery> due) throws IOException, InterruptedException {
    Map<String, List<String>> overHttp = new LinkedHashMap<>();
    Map<String, List<String>> overKafka = new LinkedHashMap<>();
    for (Delivery each : due) {
      (random.nextDouble() < KAFKA_SHARE ? overKafka : overHttp)
          .computeIfAbsent(each.event(), ignored -> new ArrayList<>())
          .add(each.json());
    }
    for (Map.Entry<String, List<String>> batch : overHttp.entrySet()) {
      deliver(http, batch.getKey(), batch.getValue());
    }
    for (Map.Entry<String, List<String>> batch : overKafka.entrySet()) {
      deliver(kafka, batch.getKey(), batch.getValue());
    }
    for (Delivery each : due) {
      in.incrementAndGet();
      switch (each.fate()) {
        case ACCEPTED -> accepted.incrementAndGet();
        case REJECTED -> rejected.incrementAndGet();
        case DUPLICATE -> duplicates.incrementAndGet();
      }
    }
  }

  private void deliver(EventSink sink, String event, List<String> json)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        sink.send(event, json);
        return;
      } catch (IOException e) {
        if (attempt >= RETRIES_MAX || stopping.await(200, TimeUnit.MILLISECONDS)) {
          throw e;
        }
      }
    }
  }

  /** Stops sending; what is due later stays unsent and out of the books. */
  @Override
  public void close() {
    stopping.countDown();
    try {
      stopped.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
    kafka.close();
  }
}
