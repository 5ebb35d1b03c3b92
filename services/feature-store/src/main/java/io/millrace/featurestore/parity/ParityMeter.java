// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.parity;

import io.millrace.featurestore.alert.Alerts;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.parity.ParityCheck.Finding;
import io.millrace.featurestore.parity.ParityCheck.Mismatch;
import io.millrace.featurestore.parity.ParityCheck.Reach;
import io.millrace.featurestore.parity.ParityCheck.Served;
import io.millrace.featurestore.progress.Measures;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Recomputes the served vectors of sampled entity keys from history, all the time. What it costs is
 * bounded: a share of the keys, so many vectors and so many looks into histories a round, so many
 * vectors waiting, so many rows of history a round, so many states kept to go on from. What does
 * not fit is counted as skipped and never as equal.
 *
 * <p>{@link #wants} and {@link #offer} are called by those who serve and are thread-safe; {@link
 * #round} by one thread.
 */
public final class ParityMeter {
  /** After a definition came into force, vectors of the one before may still be on their way. */
  private static final Duration CHANGE_GRACE = Duration.ofSeconds(5);

  private final Settings settings;
  private final ParityCheck check;
  private final ServingGenerations serving;
  private final Alerts alerts;
  private final Measures measures;
  private final InstantSource clock;
  private final Replays replays;
  private final Deque<Sampled> waiting = new ArrayDeque<>();
  private final AtomicInteger vectorsLeft;
  private final Map<String, AppParity> apps = new ConcurrentHashMap<>();
  private final Map<String, Serving> generations = new ConcurrentHashMap<>();
  private long unavailableAtMs = Long.MIN_VALUE / 2;

  /**
   * What it may cost.
   *
   * @param share of the entity keys whose vectors are checked, 0 to 1
   * @param settle how old a vector must be, so that its history is written
   * @param patience after which a state without history is a mismatch
   * @param waitingMax vectors waiting
   * @param vectors vectors taken in one round
   * @param reads histories looked into in one round
   * @param rows history rows read in one round
   * @param states recomputed states that are kept
   */
  public record Settings(
      double share,
      Duration settle,
      Duration patience,
      int waitingMax,
      int vectors,
      long reads,
      long rows,
      int states) {
    public Settings {
      if (!(share >= 0 && share <= 1)
          || Math.min(waitingMax, vectors) < 1
          || Math.min(reads, rows) < 1
          || states < 0) {
        throw new IllegalArgumentException(
            "parity: the share is 0 to 1, the limits are at least 1");
      }
    }
  }

  /**
   * Where a vector was served.
   *
   * @param source what served it; few different ones
   * @param answer which answer of it
   */
  public record Origin(String source, String answer) {}

  /** A vector to be checked. */
  private record Sampled(String app, Served vector, long servedAtMs, Origin origin) {}

  /** What serves, and since when. */
  private record Serving(String hash, long sinceMs) {}

  public ParityMeter(
      Settings settings,
      ParityCheck check,
      ServingGenerations serving,
      Alerts alerts,
      Measures measures,
      InstantSource clock) {
    this.settings = settings;
    this.check = check;
    this.serving = serving;
    this.alerts = alerts;
    this.measures = measures;
    this.clock = clock;
    this.replays = new Replays(settings.states(), settings.reads(), settings.rows());
    this.vectorsLeft = new AtomicInteger(settings.vectors());
  }

  /**
   * Whether a vector of this entity key should be {@link #offer}ed: it is one of those that are
   * checked, and this round still takes vectors. One that finds no room counts as skipped.
   */
  public boolean wants(String app, String key) {
    if (!samples(key)) {
      return false;
    }
    // Asked before the vector is made: under load that would cost more than checking it.
    if (vectorsLeft.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
      skip(app, 1);
      return false;
    }
    return true;
  }

  /** Whether vectors of this entity key are checked: always or never, on every instance. */
  boolean samples(String key) {
    int hash = key.hashCode();
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    hash ^= hash >>> 16;
    return (hash & 0xffffffffL) < settings.share() * 0x1.0p32;
  }

  /** Takes a served vector to be checked later; it must not change any more. */
  public void offer(String app, Served vector, long servedAtMs, Origin origin) {
    Optional<Generation> generation = serving.find(app);
    if (vector.states().isEmpty() || generation.isEmpty()) {
      return;
    }
    since(generation.get(), clock.millis());
    boolean full;
    synchronized (waiting) {
      full = waiting.size() >= settings.waitingMax();
      if (!full) {
        waiting.add(new Sampled(app, vector, servedAtMs, origin));
      }
    }
    if (full) {
      skip(app, 1);
    }
  }

  /** Checks what is due, as far as the budget goes. */
  public void round() {
    long now = clock.millis();
    replays.refill(settings.reads(), settings.rows());
    vectorsLeft.set(settings.vectors());
    Map<String, List<Sampled>> due = due(now);
    due.forEach(
        (app, vectors) -> {
          Optional<Generation> generation = serving.find(app);
          if (generation.isEmpty()) {
            skip(app, vectors.size());
            return;
          }
          long since = since(generation.get(), now);
          List<Sampled> of = new ArrayList<>();
          for (Sampled each : vectors) {
            if (each.servedAtMs() >= since) {
              of.add(each);
            }
          }
          skip(app, vectors.size() - of.size());
          check(generation.get(), of, now);
        });
    apps.forEach((app, parity) -> alert(app, parity, now));
  }

  private Map<String, List<Sampled>> due(long now) {
    Map<String, List<Sampled>> due = new LinkedHashMap<>();
    synchronized (waiting) {
      Iterator<Sampled> all = waiting.iterator();
      while (all.hasNext()) {
        Sampled each = all.next();
        if (each.servedAtMs() + settings.settle().toMillis() <= now) {
          due.computeIfAbsent(each.app(), absent -> new ArrayList<>()).add(each);
          all.remove();
        }
      }
    }
    return due;
  }

  /** From when on what is served comes from this generation and no former one. */
  private long since(Generation generation, long now) {
    Serving before = generations.get(generation.app());
    if (before != null && before.hash().equals(generation.hash())) {
      return before.sinceMs();
    }
    long since = before == null ? Long.MIN_VALUE : now + CHANGE_GRACE.toMillis();
    generations.put(generation.app(), new Serving(generation.hash(), since));
    return since;
  }

  private void check(Generation generation, List<Sampled> vectors, long now) {
    List<Finding> findings;
    try {
      findings = check.check(generation, vectors.stream().map(Sampled::vector).toList(), replays);
    } catch (StoreUnavailableException e) {
      // Not a mismatch: they wait until history answers again.
      unavailableAtMs = now;
      replays.forget();
      requeue(vectors);
      return;
    }
    AppParity parity = app(generation.app());
    List<Sampled> again = new ArrayList<>();
    for (int i = 0; i < vectors.size(); i++) {
      Sampled vector = vectors.get(i);
      Finding finding = findings.get(i);
      long waited = now - Math.max(vector.servedAtMs(), unavailableAtMs);
      if (finding.reach() == Reach.WHOLE) {
        settled(parity, vector, finding.compared(), finding.mismatches(), now);
      } else if (waited < settings.patience().toMillis()) {
        again.add(vector);
      } else if (finding.reach() == Reach.AHEAD && finding.ahead() != null) {
        List<Mismatch> mismatches = new ArrayList<>(finding.mismatches());
        mismatches.add(ParityCheck.ahead(finding.ahead()));
        settled(parity, vector, finding.compared(), mismatches, now);
      } else {
        skip(generation.app(), 1);
      }
    }
    requeue(again);
  }

  private void settled(
      AppParity parity,
      Sampled vector,
      List<String> compared,
      List<Mismatch> mismatches,
      long now) {
    parity.settled(
        vector.origin(),
        vector.servedAtMs(),
        vector.vector().momentMs(),
        compared,
        mismatches,
        now);
    measures.parity(vector.app(), 1, mismatches.isEmpty() ? 0 : 1);
    measures.parityLag(vector.app(), (double) (now - vector.servedAtMs()));
    mismatches.forEach(each -> measures.parityMismatch(vector.app(), each.feature()));
  }

  private void requeue(List<Sampled> vectors) {
    Map<String, Integer> dropped = new HashMap<>();
    synchronized (waiting) {
      for (int i = vectors.size() - 1; i >= 0; i--) {
        if (waiting.size() < settings.waitingMax()) {
          waiting.addFirst(vectors.get(i));
        } else {
          dropped.merge(vectors.get(i).app(), 1, Integer::sum);
        }
      }
    }
    dropped.forEach(this::skip);
  }

  private void skip(String app, int vectors) {
    if (vectors > 0) {
      app(app).skipped(vectors);
      measures.paritySkipped(app, vectors);
    }
  }

  private void alert(String app, AppParity parity, long now) {
    parity
        .verdicts(now)
        .forEach(
            verdict -> {
              if (verdict.differs()) {
                alerts.raise(
                    app,
                    verdict.feature(),
                    verdict.cause(),
                    "Compare the examples of GET /v1/applications/"
                        + app
                        + "/parity with the feature's history. Do not train on served vectors of"
                        + " this feature; where the online store was changed by hand, apply the"
                        + " definition again to rebuild it.",
                    verdict.evidence());
              } else {
                alerts.resolve(app, verdict.feature(), verdict.cause());
              }
            });
  }

  private AppParity app(String app) {
    return apps.computeIfAbsent(app, absent -> new AppParity());
  }

  /** What has been found since the start. */
  public ParityReport report(String app) {
    long pending;
    synchronized (waiting) {
      pending = waiting.stream().filter(each -> each.app().equals(app)).count();
    }
    return app(app).report(app, settings.share(), pending);
  }

  /** Forgets an application that is gone. */
  public void forget(String app) {
    synchronized (waiting) {
      waiting.removeIf(each -> each.app().equals(app));
    }
    apps.remove(app);
    generations.remove(app);
    alerts.forget(app);
  }
}
