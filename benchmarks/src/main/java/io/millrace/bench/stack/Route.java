// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

import io.millrace.bench.BenchException;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * What events go in at one end of, to be seen at the other.
 *
 * @param source makes that many new events
 * @param sender one end
 * @param arrivals the other end
 */
public record Route(IntFunction<List<Message>> source, Sender sender, Arrivals arrivals) {
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration WITHIN = Duration.ofMinutes(10);

  /** The share of a paced run that only warms up. */
  private static final double WARM_UP = 0.2;

  /**
   * How long events took that were sent as fast as they were taken.
   *
   * @param events how many
   * @param acceptedSeconds until the last was accepted
   * @param arrivedSeconds until the last arrived
   */
  public record Burst(int events, double acceptedSeconds, double arrivedSeconds) {
    /** Events a second until accepted. */
    public double acceptedRate() {
      return events / acceptedSeconds;
    }

    /** Events a second until arrived. */
    public double arrivedRate() {
      return events / arrivedSeconds;
    }
  }

  /**
   * Sends events as fast as they are taken and waits for the last to arrive.
   *
   * @param onceAccepted done when all are accepted, while they are still arriving; told the {@link
   *     System#nanoTime} of the beginning
   */
  public Burst burst(int events, LongConsumer onceAccepted) {
    List<Message> messages = source.apply(events);
    long begin = System.nanoTime();
    Load.asFastAsTaken(sender, messages);
    double accepted = (System.nanoTime() - begin) / 1e9;
    onceAccepted.accept(begin);
    awaitAll(messages);
    long last = messages.stream().mapToLong(this::arrival).max().orElse(begin);
    return new Burst(events, accepted, (last - begin) / 1e9);
  }

  /**
   * Sends events at a rate and waits for the last to arrive.
   *
   * @param rate events a second
   * @return milliseconds from when an event was due to its arrival, of all but the first fifth
   */
  public double[] latenciesMs(double rate, Duration time) {
    List<Message> messages = source.apply(Load.eventsOf(rate, time));
    long[] due = new long[messages.size()];
    int[] sent = {0};
    Load.atRate(sender, messages, rate, at -> due[sent[0]++] = at);
    awaitAll(messages);
    return IntStream.range((int) (messages.size() * WARM_UP), messages.size())
        .mapToDouble(i -> (arrival(messages.get(i)) - due[i]) / 1e6)
        .toArray();
  }

  private long arrival(Message message) {
    return arrivals
        .arrivedNanos(message.id())
        .orElseThrow(() -> new BenchException(message.id() + " never arrived"));
  }

  private void awaitAll(List<Message> messages) {
    long[] missing = {messages.size()};
    Waiting.until(
        () -> {
          // From the end, where the last ones are: most looks need to see one only.
          while (missing[0] > 0
              && arrivals.arrivedNanos(messages.get((int) missing[0] - 1).id()).isPresent()) {
            missing[0]--;
          }
          return missing[0] == 0;
        },
        LOOK,
        WITHIN,
        messages.size() + " arrivals");
  }
}
