// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import io.millrace.bench.Median;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Callers that each send the next request once the last one is answered. */
public final class ClosedLoop {
  /** As in the targets of the online read. */
  private static final int CALLERS = 4;

  /** For the compilers of client and server, once for each kind of request. */
  private static final Duration COLD = Duration.ofSeconds(10);

  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final Duration TIME = Duration.ofSeconds(6);

  private ClosedLoop() {}

  /** One request. */
  @FunctionalInterface
  public interface Call {
    /** Whether it was answered; false where it was turned away. */
    boolean send(SplittableRandom random);
  }

  /**
   * What the callers saw.
   *
   * @param perSecond requests answered, of all callers
   * @param p99Ms time within which 99 of 100 of them were answered
   * @param refused share of all requests that were turned away
   */
  public record Result(double perSecond, double p99Ms, double refused) {}

  /** Four callers for ten seconds, of which nothing is kept. */
  public static void warmUp(Call call) {
    run(call, COLD.minus(WARM_UP));
  }

  /** Four callers, two seconds to warm up, six measured. */
  public static Result run(Call call) {
    return run(call, TIME);
  }

  private static Result run(Call call, Duration time) {
    long from = System.nanoTime() + WARM_UP.toNanos();
    long until = from + time.toNanos();
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<Caller>> running = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        SplittableRandom random = new SplittableRandom(i);
        running.add(callers.submit(() -> new Caller().run(call, random, from, until)));
      }
      List<Caller> done = new ArrayList<>();
      for (Future<Caller> each : running) {
        done.add(each.get());
      }
      double[] ms =
          done.stream()
              .flatMapToDouble(each -> each.ms.stream().mapToDouble(Double::doubleValue))
              .toArray();
      long refused = done.stream().mapToLong(each -> each.refused).sum();
      if (ms.length == 0) {
        throw new BenchException("of " + refused + " requests none was answered");
      }
      return new Result(
          ms.length / (time.toNanos() / 1e9),
          Median.quantile(ms, 0.99),
          (double) refused / (double) (ms.length + refused));
    } catch (ExecutionException e) {
      throw new BenchException("a request failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  private static final class Caller {
    private final List<Double> ms = new ArrayList<>();
    private long refused;

    Caller run(Call call, SplittableRandom random, long from, long until) {
      long begin = System.nanoTime();
      while (begin < until) {
        boolean answered = call.send(random);
        long end = System.nanoTime();
        if (begin >= from && end <= until) {
          if (answered) {
            ms.add((end - begin) / 1e6);
          } else {
            refused++;
          }
        }
        begin = end;
      }
      return this;
    }
  }
}
