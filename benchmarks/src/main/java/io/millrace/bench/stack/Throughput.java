// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * How fast something works through a backlog, once it is warm: over the last three quarters of what
 * was watched.
 *
 * @param perSecond events
 * @param cpuSecondsPerMillion processor time of its process for a million events
 */
public record Throughput(double perSecond, double cpuSecondsPerMillion) {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration FIRST_WITHIN = Duration.ofMinutes(5);
  private static final Duration WATCHED = Duration.ofSeconds(40);
  private static final double WARM_UP = 0.25;

  private record Sample(long nanos, long count, double cpuSeconds) {}

  /**
   * Watches until all is done, for 40 s at most.
   *
   * @param done events done up to now
   * @param total events that there are
   * @param pid process whose processor time counts
   * @throws BenchException where nothing happens
   */
  public static Throughput watch(LongSupplier done, long total, long pid) {
    long before = done.getAsLong();
    Waiting.until(() -> done.getAsLong() > before, LOOK, FIRST_WITHIN, "the first event");
    List<Sample> samples = new ArrayList<>();
    samples.add(sample(done, pid));
    long begin = samples.getFirst().nanos();
    while (samples.getLast().count() < total
        && samples.getLast().nanos() - begin < WATCHED.toNanos()) {
      LockSupport.parkNanos(LOOK.toNanos());
      samples.add(sample(done, pid));
    }
    Sample last = samples.getLast();
    double warm = begin + WARM_UP * (last.nanos() - begin);
    Sample first = samples.stream().filter(each -> each.nanos() >= warm).findFirst().orElse(last);
    long events = last.count() - first.count();
    if (events <= 0) {
      throw new BenchException("nothing was done within " + WATCHED.toSeconds() + " s");
    }
    return new Throughput(
        events / ((last.nanos() - first.nanos()) / 1e9),
        (last.cpuSeconds() - first.cpuSeconds()) / events * 1e6);
  }

  private static Sample sample(LongSupplier done, long pid) {
    double cpu =
        ProcessorTime.seconds(pid)
            .orElseThrow(() -> new BenchException("process " + pid + " has ended"));
    long count = done.getAsLong();
    return new Sample(System.nanoTime(), count, cpu);
  }
}
