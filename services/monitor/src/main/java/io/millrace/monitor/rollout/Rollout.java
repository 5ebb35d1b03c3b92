// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.rollout;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.definition.RolloutDefinition;
import io.millrace.monitor.performance.Outcome;
import io.millrace.monitor.performance.RecentOutcomes;
import io.millrace.monitor.performance.RecentOutcomes.Quality;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Leads a blessed version to the champion's place: at once, by hand, or as canary in steps, each of
 * which waits for a number of joined outcomes and compares them with the champion's of the same
 * time. A canary whose log loss is worse with z ≥ {@value #REVERT_Z} is refused. The first version
 * ever has nobody to be compared with and is promoted at once. Not thread-safe.
 */
public final class Rollout {
  /** One-sided z beyond which a canary is reverted (p ≈ 0.001). */
  public static final double REVERT_Z = 3.0;

  private static final int DEFAULT_STEP_ROWS = 500;
  private static final String ME = "monitor";

  private final RolloutDefinition definition;
  private final Map<String, ModelVersionChanged> versions = new TreeMap<>();

  public Rollout(@Nullable RolloutDefinition definition) {
    this.definition =
        definition == null ? new RolloutDefinition(null, List.of(), null) : definition;
  }

  /** Takes a state from the topic. */
  public void version(ModelVersionChanged version) {
    versions.put(version.version(), version);
  }

  public Optional<ModelVersionChanged> champion() {
    return latest(Status.CHAMPION);
  }

  public Optional<ModelVersionChanged> canary() {
    return latest(Status.CANARY);
  }

  /** The version under trial: a canary, else a shadow. */
  public Optional<ModelVersionChanged> trial() {
    return canary().or(() -> latest(Status.SHADOW));
  }

  public Optional<ModelVersionChanged> find(String version) {
    return Optional.ofNullable(versions.get(version));
  }

  /** Newest first. */
  public List<ModelVersionChanged> versions() {
    return versions.values().stream()
        .sorted(Comparator.comparingLong(Rollout::lastChangeMs).reversed())
        .toList();
  }

  /** What to do about blessed versions now: states to publish, in order. */
  public List<ModelVersionChanged> due(long nowMs) {
    List<ModelVersionChanged> left = retired(nowMs);
    if (!left.isEmpty()) {
      return left;
    }
    Optional<ModelVersionChanged> blessed = latest(Status.BLESSED);
    if (blessed.isEmpty()) {
      return List.of();
    }
    ModelVersionChanged next = blessed.get();
    Optional<ModelVersionChanged> champion = champion();
    boolean older = champion.isPresent() && lastChangeMs(champion.get()) > lastChangeMs(next);
    String kind = definition.kindOrDefault();
    if (older || (kind.equals("manual") && champion.isPresent())) {
      return List.of();
    }
    if (champion.isEmpty() || kind.equals("immediate")) {
      return promote(
          next,
          nowMs,
          champion
              .map(before -> "blessed; takes the place of version " + before.version())
              .orElse("blessed; the first champion"));
    }
    if (kind.equals("shadow")) {
      return List.of(next.to(Status.SHADOW, nowMs, ME, List.of("scores beside the champion")));
    }
    if (canary().isPresent()) {
      return List.of();
    }
    return List.of(
        next.withMetrics(Map.of(ModelVersionChanged.ROLLOUT_SHARE, shares().getFirst()))
            .to(Status.CANARY, nowMs, ME, List.of("canary at " + percent(shares().getFirst()))));
  }

  /** Champions that another one has followed: a promotion was interrupted half-way. */
  private List<ModelVersionChanged> retired(long nowMs) {
    Optional<ModelVersionChanged> champion = champion();
    return versions.values().stream()
        .filter(each -> each.status() == Status.CHAMPION)
        .filter(each -> champion.filter(each::equals).isEmpty())
        .map(
            each ->
                each.to(
                    Status.RETIRED,
                    nowMs,
                    ME,
                    List.of(
                        "version "
                            + champion.map(ModelVersionChanged::version).orElse("")
                            + " took over")))
        .toList();
  }

  /** Makes a version the champion and retires the one before. */
  public List<ModelVersionChanged> promote(ModelVersionChanged version, long nowMs, String reason) {
    List<ModelVersionChanged> changes = new ArrayList<>();
    changes.add(version.to(Status.CHAMPION, nowMs, ME, List.of(reason)));
    versions.values().stream()
        .filter(
            each -> each.status() == Status.CHAMPION && !each.version().equals(version.version()))
        .forEach(
            before ->
                changes.add(
                    before.to(
                        Status.RETIRED,
                        nowMs,
                        ME,
                        List.of("version " + version.version() + " took over"))));
    return changes;
  }

  /**
   * Judges a canary (or shadow) by outcomes joined since its step began.
   *
   * @param canary outcomes of the canary, oldest first
   * @param champion outcomes of the champion over the same time
   */
  public List<ModelVersionChanged> judge(List<Outcome> canary, List<Outcome> champion, long nowMs) {
    Optional<ModelVersionChanged> running = trial();
    int stepRows = definition.stepRows() == null ? DEFAULT_STEP_ROWS : definition.stepRows();
    if (running.isEmpty() || canary.size() < stepRows || champion.size() < stepRows) {
      return List.of();
    }
    ModelVersionChanged version = running.get();
    Quality ours = RecentOutcomes.quality(canary);
    Quality theirs = RecentOutcomes.quality(champion);
    double z = (ours.logLoss() - theirs.logLoss()) / error(canary, champion);
    String figures =
        String.format(
            Locale.ROOT,
            "log loss %.4f against the champion's %.4f (z %.2f), AUC %.3f against %.3f, %d and %d"
                + " outcomes",
            ours.logLoss(),
            theirs.logLoss(),
            z,
            ours.auc(),
            theirs.auc(),
            ours.rows(),
            theirs.rows());
    if (z >= REVERT_Z) {
      return List.of(
          version.to(Status.REFUSED, nowMs, ME, List.of("worse than the champion: " + figures)));
    }
    double share = version.metrics().getOrDefault(ModelVersionChanged.ROLLOUT_SHARE, 1.0);
    Optional<Double> next = shares().stream().filter(each -> each > share).findFirst();
    if (version.status() == Status.SHADOW || next.isEmpty() || next.get() >= 1) {
      return promote(version, nowMs, "not worse than the champion: " + figures);
    }
    return List.of(
        version
            .withMetrics(Map.of(ModelVersionChanged.ROLLOUT_SHARE, next.get()))
            .to(
                Status.CANARY,
                nowMs,
                ME,
                List.of("canary at " + percent(next.get()) + ": " + figures)));
  }

  private List<Double> shares() {
    List<Double> shares = definition.steps().stream().map(Rollout::share).sorted().toList();
    return shares.isEmpty() ? List.of(0.1, 0.5, 1.0) : shares;
  }

  private static double share(String text) {
    String trimmed = text.trim();
    return trimmed.endsWith("%")
        ? Double.parseDouble(trimmed.substring(0, trimmed.length() - 1)) / 100
        : Double.parseDouble(trimmed);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", share * 100);
  }

  private static double error(List<Outcome> a, List<Outcome> b) {
    return Math.sqrt(variance(a) / a.size() + variance(b) / b.size());
  }

  private static double variance(List<Outcome> outcomes) {
    double mean = outcomes.stream().mapToDouble(Outcome::logLoss).average().orElse(0);
    return outcomes.stream().mapToDouble(each -> Math.pow(each.logLoss() - mean, 2)).sum()
        / Math.max(1, outcomes.size() - 1);
  }

  private Optional<ModelVersionChanged> latest(Status status) {
    return versions.values().stream()
        .filter(each -> each.status() == status)
        .max(Comparator.comparingLong(Rollout::lastChangeMs));
  }

  private static long lastChangeMs(ModelVersionChanged version) {
    return version.transitions().isEmpty() ? 0 : version.transitions().getLast().atMs();
  }
}
