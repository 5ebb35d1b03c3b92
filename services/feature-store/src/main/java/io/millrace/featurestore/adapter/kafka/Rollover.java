// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/**
 * Two versions of something computed by a streams application: the one that answers and, after a
 * change, the next one, which replays the topics from the beginning and takes over once it has
 * caught up. Its owner calls it from one thread; only {@link #activeRun} may be asked by others.
 *
 * @param <T> what is computed
 */
final class Rollover<T> {
  /**
   * Records behind the end below which the next version takes over in any case. Under traffic
   * nobody ever gets there: what came since the last commit counts as well. Then it takes over when
   * it is no further behind than the one that answers.
   */
  static final long CAUGHT_UP_RECORDS = 200;

  private final Function<T, String> hash;
  private final Starter<T> start;
  private final Consumer<T> activated;
  private final Consumer<T> dropped;
  private volatile @Nullable Version<T> active;
  private @Nullable Version<T> next;

  private record Version<T>(T what, @Nullable StreamsRun run) {
    boolean hasCaughtUp(long answeringLag) {
      return run == null
          || (run.state() == KafkaStreams.State.RUNNING
              && run.lag() <= Math.max(CAUGHT_UP_RECORDS, answeringLag));
    }

    /** Records behind, as far as that is known. */
    long lag() {
      return run == null || run.lag() == Long.MAX_VALUE ? 0 : run.lag();
    }

    void remove() throws InterruptedException {
      if (run != null) {
        run.remove();
      }
    }
  }

  /** Makes and starts the streams application of a version; null where it needs none. */
  @FunctionalInterface
  interface Starter<T> {
    @Nullable StreamsRun start(T what);
  }

  /**
   * @param activated told of the version that answers from now on, also when only its wording
   *     changed
   * @param dropped told of a version whose streams application has been removed
   */
  Rollover(Function<T, String> hash, Starter<T> start, Consumer<T> activated, Consumer<T> dropped) {
    this.hash = hash;
    this.start = start;
    this.activated = activated;
    this.dropped = dropped;
  }

  boolean hasActive() {
    return active != null;
  }

  /** Starts a version that answers at once. */
  void startActive(T what) {
    active = new Version<>(what, start.start(what));
    activated.accept(what);
  }

  /** Takes the wanted version: as the next one, unless it is the one that answers already. */
  void want(T what) throws InterruptedException {
    if (active != null && hash.apply(active.what()).equals(hash.apply(what))) {
      active = new Version<>(what, active.run());
      activated.accept(what);
      dropNext();
      return;
    }
    if (next != null && hash.apply(next.what()).equals(hash.apply(what))) {
      next = new Version<>(what, next.run());
      return;
    }
    dropNext();
    next = new Version<>(what, start.start(what));
  }

  /** Measures lags and lets the next version take over once it has caught up. */
  void supervise() throws InterruptedException {
    for (StreamsRun run : runs()) {
      run.measureLag();
    }
    Version<T> ready = next;
    Version<T> old = active;
    if (ready != null && ready.hasCaughtUp(old == null ? 0 : old.lag())) {
      active = ready;
      next = null;
      activated.accept(ready.what());
      if (old != null) {
        old.remove();
        dropped.accept(old.what());
      }
    }
  }

  private void dropNext() throws InterruptedException {
    if (next != null) {
      next.remove();
      dropped.accept(next.what());
      next = null;
    }
  }

  /** The version that answers. */
  @Nullable T active() {
    Version<T> answering = active;
    return answering == null ? null : answering.what();
  }

  /** The streams application that answers. */
  @Nullable StreamsRun activeRun() {
    Version<T> answering = active;
    return answering == null ? null : answering.run();
  }

  List<StreamsRun> runs() {
    List<StreamsRun> runs = new ArrayList<>();
    if (active != null && active.run() != null) {
      runs.add(active.run());
    }
    if (next != null && next.run() != null) {
      runs.add(next.run());
    }
    return runs;
  }

  /** Whether a next version is catching up. */
  boolean isRolling() {
    return next != null;
  }

  void stop() {
    runs().forEach(StreamsRun::stop);
  }

  /** Removes everything. */
  void remove() throws InterruptedException {
    dropNext();
    if (active != null) {
      active.remove();
      dropped.accept(active.what());
      active = null;
    }
  }
}
