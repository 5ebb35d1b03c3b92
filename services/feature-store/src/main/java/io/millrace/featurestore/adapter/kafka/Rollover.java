// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.featurestore.version.BeingRemovedException;
import io.millrace.featurestore.version.VersionLife;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/**
 * Two versions of something computed by a streams application: the one that answers and, after a
 * change, the next one, which replays the topics from the beginning and takes over once it has
 * caught up. Other instances do the same: as soon as it answers on one of them, it does here. What
 * a version has left is removed when no instance computes it any more. Its owner calls it from one
 * thread; only {@link #activeRun} and {@link #active} may be asked by others.
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

  private final Versions<T> versions;
  private final VersionLife life;

  /** Versions that do not answer any more, to be ended. */
  private final List<Version<T>> ending = new ArrayList<>();

  private volatile @Nullable Version<T> active;
  private @Nullable Version<T> next;

  private record Version<T>(T what, String hash, @Nullable StreamsRun run) {
    boolean hasCaughtUp(long answeringLag) {
      return run == null
          || (run.state() == KafkaStreams.State.RUNNING
              && run.lag().orElse(Long.MAX_VALUE) <= Math.max(CAUGHT_UP_RECORDS, answeringLag));
    }

    /** Records behind, as far as that is known. */
    long lag() {
      return run == null ? 0 : run.lag().orElse(0);
    }
  }

  /**
   * What versions are made of.
   *
   * @param <T> what is computed
   */
  interface Versions<T> {
    /** Names a version; equal for what means the same. */
    String hash(T what);

    /**
     * Makes and starts the streams application of a version; null where it needs none.
     *
     * @param isNext whether another one answers until it has caught up
     */
    @Nullable StreamsRun start(T what, boolean isNext);

    /** Whether all that a version answers with is there, whichever instance has computed it. */
    boolean isServable(T what);

    /**
     * A version answers from now on, also where only its wording is new.
     *
     * @param isNews whether the other instances have to learn of it
     */
    void activated(T what, boolean isNews);

    /** The version that answers as far as the instances have told each other; blank for none. */
    String answering();

    /** Waits until nothing that a version wrote on this instance is under way any more. */
    void ended();
  }

  /**
   * @param life how instances agree on what is removed
   */
  Rollover(Versions<T> versions, VersionLife life) {
    this.versions = versions;
    this.life = life;
  }

  boolean hasActive() {
    return active != null;
  }

  /**
   * Starts a version that answers at once.
   *
   * @param isNews whether the other instances have to learn of it
   * @throws BeingRemovedException where that has to wait
   */
  void startActive(T what, boolean isNews) {
    active = started(what, false);
    versions.activated(what, isNews);
  }

  private Version<T> started(T what, boolean isNext) {
    String hash = versions.hash(what);
    life.begin(hash);
    return new Version<>(what, hash, versions.start(what, isNext));
  }

  /**
   * Takes the wanted version: as the next one, unless it is the one that answers already.
   *
   * @throws BeingRemovedException where that has to wait
   */
  void want(T what) {
    end();
    String hash = versions.hash(what);
    if (active != null && active.hash().equals(hash)) {
      active = new Version<>(what, hash, active.run());
      versions.activated(what, true);
      dropNext();
    } else if (next != null && next.hash().equals(hash)) {
      next = new Version<>(what, hash, next.run());
    } else {
      dropNext();
      next = started(what, true);
    }
  }

  /** Tells the others what this instance computes. To be called often, whatever else fails. */
  void keep() {
    life.keep(own());
  }

  /**
   * Measures lags, lets the next version take over once it has caught up, and removes what nobody
   * computes any more.
   *
   * @param isStoreUp whether the others can be asked; nothing is begun or ended else
   */
  void supervise(boolean isStoreUp) throws InterruptedException {
    for (StreamsRun run : runs()) {
      run.measureLag();
    }
    if (!isStoreUp) {
      return;
    }
    Version<T> ready = next;
    Version<T> old = active;
    if (ready != null && mayTakeOver(ready, old)) {
      // First, because it may fail and is tried again then.
      versions.activated(ready.what(), true);
      active = ready;
      next = null;
      if (old != null) {
        ending.add(old);
      }
    }
    end();
    life.sweep(own());
  }

  private boolean mayTakeOver(Version<T> ready, @Nullable Version<T> old) {
    return (ready.hasCaughtUp(old == null ? 0 : old.lag()) && versions.isServable(ready.what()))
        || ready.hash().equals(versions.answering());
  }

  private void dropNext() {
    if (next != null) {
      ending.add(next);
      next = null;
      end();
    }
  }

  /** Ends what does not answer any more; goes on where it failed before. */
  private void end() {
    while (!ending.isEmpty()) {
      Version<T> old = ending.getFirst();
      life.retire(old.hash());
      if (old.run() != null) {
        old.run().leave();
        versions.ended();
      }
      life.left(old.hash());
      ending.removeFirst();
    }
  }

  private Set<String> own() {
    Set<String> own = new HashSet<>();
    all().forEach(each -> own.add(each.hash()));
    return own;
  }

  private List<Version<T>> all() {
    List<Version<T>> all = new ArrayList<>(ending);
    if (active != null) {
      all.addFirst(active);
    }
    if (next != null) {
      all.add(next);
    }
    return all;
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

  /** All streams applications, the one that answers first. */
  List<StreamsRun> runs() {
    List<StreamsRun> runs = new ArrayList<>();
    for (Version<T> each : all()) {
      if (each.run() != null) {
        runs.add(each.run());
      }
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

  /** Ends everything on this instance, to be removed when all have. */
  void endAll() {
    dropNext();
    if (active != null) {
      ending.add(active);
      active = null;
    }
    end();
  }

  /**
   * Removes what is left of all versions, after {@link #endAll}.
   *
   * @return whether something is left that another instance computes still
   */
  boolean isLeft() {
    return life.sweepNow();
  }
}
