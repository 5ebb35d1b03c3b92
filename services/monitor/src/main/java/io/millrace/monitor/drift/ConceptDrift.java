// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.monitor.performance.Outcome;
import io.millrace.monitor.performance.RecentOutcomes;
import io.millrace.monitor.performance.RecentOutcomes.Quality;
import io.millrace.stats.test.Normal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Whether a version has become worse at what it predicts: P(y | x) has moved. The version's first
 * window of outcomes is its own reference window (so that a difference between evaluation and
 * serving is not taken for drift); after every eighth of a window the last quarter, half and whole
 * window are compared with it. Drift is told when AUC (DeLong standard errors) or mean log loss
 * (Welch) is worse with a one-sided p-value below the level divided by the looks of a window, and
 * by at least {@value #AUC_DROP_LEAST} or {@value #LOSS_RISE_LEAST} of the reference loss: a loss
 * of quality that nobody would act upon is no drift. Nor is one that comes and goes with the time
 * of day or week ({@link Seasons}): what was as bad at the same time before. Not thread-safe.
 */
public final class ConceptDrift {
  /** Least drop of AUC that matters. */
  public static final double AUC_DROP_LEAST = 0.03;

  /** Least relative rise of log loss that matters. */
  public static final double LOSS_RISE_LEAST = 0.08;

  /** Subject of its findings. */
  public static final String SUBJECT = "outcome";

  private static final String AUC_DROP = "auc_drop";
  private static final String LOSS_RISE = "log_loss_rise";

  /** How often a window is looked at. */
  public static final int LOOKS_PER_WINDOW = 8;

  private static final int SCALES = 3;
  private static final int TESTS = 2;

  private final int windowRows;
  private final double falseAlarmLevel;
  private final double level;
  private final Seasons<Figures> seasons =
      new Seasons<>((first, before, now) -> !worse(before, now, first));
  private @Nullable Figures reference;
  private double[] positiveScores = {};
  private double[] negativeScores = {};
  private int sinceLook;

  /**
   * @param falseAlarmLevel probability of a false alarm per window
   */
  public ConceptDrift(int windowRows, double falseAlarmLevel) {
    this.windowRows = windowRows;
    this.falseAlarmLevel = falseAlarmLevel;
    this.level = falseAlarmLevel / (LOOKS_PER_WINDOW * SCALES * TESTS);
  }

  /** What a stretch of outcomes is compared by. */
  record Figures(Quality quality, double lossVariance) {
    static Figures of(List<Outcome> outcomes) {
      return new Figures(RecentOutcomes.quality(outcomes), variance(outcomes));
    }
  }

  /** Looks, after an outcome was added, if it is time to; null means that it is not. */
  public @Nullable DriftFinding look(RecentOutcomes recent) {
    if (reference == null) {
      if (recent.size() >= windowRows) {
        List<Outcome> first = recent.last(windowRows);
        reference = Figures.of(first);
        positiveScores = scores(first, true);
        negativeScores = scores(first, false);
      }
      return null;
    }
    sinceLook++;
    if (sinceLook < windowRows / LOOKS_PER_WINDOW) {
      return null;
    }
    sinceLook = 0;
    DriftFinding best = null;
    DriftFinding longest = null;
    Figures longestFigures = reference;
    for (int scale = SCALES - 1; scale >= 0; scale--) {
      Figures now = Figures.of(recent.last(windowRows >> scale));
      DriftFinding raw = compare(reference, now, reference, level);
      DriftFinding judged = seasons.ask(raw, reference, now);
      boolean inSeason = raw.drifted() && !judged.drifted();
      if (best == null || (!best.drifted() && (judged.drifted() || inSeason))) {
        best = judged;
      }
      if (longest == null || raw.drifted() || !longest.drifted()) {
        longest = raw;
        longestFigures = now;
      }
    }
    if (longest != null) {
      seasons.remember(longest, longestFigures);
    }
    if (best != null && best.drifted()) {
      boolean byAuc = best.test().equals(AUC_DROP);
      return best.since(
          worseFrom(recent.all(), byAuc ? outcome -> -placement(outcome) : Outcome::excessLoss),
          null);
    }
    return best;
  }

  /** What was found so far, for whoever looks at other stretches of the same outcomes. */
  Seasons<Figures> seasons() {
    return seasons;
  }

  /** The first window, once it is full. */
  @Nullable Figures first() {
    return reference;
  }

  private boolean worse(Figures earlier, Figures later, Figures first) {
    return compare(earlier, later, first, level).drifted();
  }

  /** Whether outcomes are worse than the first by as much as matters, if nothing else is asked. */
  boolean costs(Figures first, Figures later) {
    return compare(first, later, first, falseAlarmLevel).drifted();
  }

  /**
   * @param first of the version, of whose loss a rise is a share
   */
  private static DriftFinding compare(Figures earlier, Figures later, Figures first, double level) {
    Quality before = earlier.quality();
    Quality now = later.quality();
    double lossRiseLeast = LOSS_RISE_LEAST * first.quality().logLoss();
    double aucDrop = before.auc() - now.auc();
    double aucError = Math.hypot(before.aucStandardError(), now.aucStandardError());
    double aucP = Double.isNaN(aucDrop) || aucError == 0 ? 1 : upperTail(aucDrop / aucError);
    double lossRise = now.logLoss() - before.logLoss();
    double lossError =
        Math.sqrt(earlier.lossVariance() / before.rows() + later.lossVariance() / now.rows());
    double lossP = lossError == 0 ? 1 : upperTail(lossRise / lossError);
    boolean worseAuc = aucP < level && aucDrop >= AUC_DROP_LEAST;
    boolean worseLoss = lossP < level && lossRise >= lossRiseLeast;
    boolean byAuc = worseAuc || !worseLoss;
    return finding(
        before,
        now,
        byAuc ? AUC_DROP : LOSS_RISE,
        byAuc ? aucDrop : lossRise,
        byAuc ? AUC_DROP_LEAST : lossRiseLeast,
        byAuc ? (Double) aucP : (Double) lossP,
        worseAuc || worseLoss);
  }

  /**
   * How much worse later outcomes are than the first, of which another test says that they are: no
   * test of its own, only the size.
   *
   * @param share of what matters that is told
   */
  static DriftFinding size(Figures first, Figures later, String test, double share) {
    Quality before = first.quality();
    Quality now = later.quality();
    double aucDrop = before.auc() - now.auc();
    double lossRise = now.logLoss() - before.logLoss();
    double lossRiseLeast = LOSS_RISE_LEAST * before.logLoss();
    boolean byAuc = aucDrop / AUC_DROP_LEAST >= lossRise / lossRiseLeast;
    return finding(
        before,
        now,
        test,
        byAuc ? aucDrop : lossRise,
        byAuc ? AUC_DROP_LEAST : lossRiseLeast,
        null,
        aucDrop >= share * AUC_DROP_LEAST || lossRise >= share * lossRiseLeast);
  }

  private static DriftFinding finding(
      Quality before,
      Quality now,
      String test,
      double statistic,
      double threshold,
      @Nullable Double pValue,
      boolean drifted) {
    return new DriftFinding(
        SUBJECT,
        Kind.CONCEPT,
        test,
        statistic,
        threshold,
        pValue,
        String.format(
            Locale.ROOT,
            "AUC %.3f → %.3f, log loss %.3f → %.3f",
            before.auc(),
            now.auc(),
            before.logLoss(),
            now.logLoss()),
        false,
        drifted,
        now.fromMs(),
        now.toMs(),
        now.rows());
  }

  /**
   * The share of the reference window's opposite class that an outcome's score is on the right side
   * of. Its mean is the AUC, for outcomes of either class (DeLong et al., Biometrics 1988).
   */
  private double placement(Outcome outcome) {
    double[] opposite = outcome.positive() ? negativeScores : positiveScores;
    if (opposite.length == 0) {
      return 0.5;
    }
    double below = below(opposite, outcome.score());
    return outcome.positive() ? below : 1 - below;
  }

  /** Share of sorted scores below one, ties by half. */
  private static double below(double[] sorted, double score) {
    int low = lowerBound(sorted, score);
    int high = lowerBound(sorted, Math.nextUp(score));
    return (low + high) / 2.0 / sorted.length;
  }

  private static int lowerBound(double[] sorted, double value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static double[] scores(List<Outcome> outcomes, boolean positive) {
    return outcomes.stream()
        .filter(outcome -> outcome.positive() == positive)
        .mapToDouble(Outcome::score)
        .sorted()
        .toArray();
  }

  /** The moment from which on outcomes, in order of their moments, are worse. */
  private static long worseFrom(List<Outcome> outcomes, ToDoubleFunction<Outcome> badness) {
    List<Outcome> ordered = new ArrayList<>(outcomes);
    ordered.sort(Comparator.comparingLong(Outcome::momentMs));
    int at = ChangePoint.of(ordered.stream().mapToDouble(badness).toArray());
    return ordered.get(at).momentMs();
  }

  private static double variance(List<Outcome> outcomes) {
    double mean = outcomes.stream().mapToDouble(Outcome::logLoss).average().orElse(0);
    double squares =
        outcomes.stream().mapToDouble(each -> Math.pow(each.logLoss() - mean, 2)).sum();
    return squares / Math.max(1, outcomes.size() - 1);
  }

  private static double upperTail(double z) {
    return Normal.upperTail(z);
  }
}
