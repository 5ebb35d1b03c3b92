// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.stats.profile.ClassBalance;
import io.millrace.stats.test.ChiSquared;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The classes of a label stage by stage, from counts that were made when the rows passed: none is
 * read again. A stage that lets one class through more readily than another is named.
 *
 * @param unknown why nothing can be said; null where the stages say it
 * @param stages in the order in which rows pass them
 */
public record ClassReport(@Nullable String unknown, List<Stage> stages) {
  /** Change of a class's odds, up or down, from which a stage is named. */
  public static final double LEAST_FACTOR = 1.25;

  /** And how improbable it must be where the stage does not look at the class. */
  public static final double LEVEL = 0.001;

  public ClassReport {
    stages = List.copyOf(stages);
  }

  /**
   * One stage.
   *
   * @param from the stage whose rows these were chosen from; null at the first
   * @param rows class → rows
   * @param shares class → share of the rows, 0 to 1
   * @param ratio rows of the commonest class for one of the rarest; null where one has none
   * @param weightedShares the same by weight, which gives the shares before rows were left out by
   *     class; null where all rows weigh the same
   * @param jump where the balance is not what it was; null where it is
   */
  public record Stage(
      String name,
      @Nullable String from,
      Map<String, Long> rows,
      Map<String, Double> shares,
      @Nullable Double ratio,
      @Nullable Map<String, Double> weightedShares,
      @Nullable Jump jump) {
    public Stage {
      rows = Collections.unmodifiableMap(new TreeMap<>(rows));
      shares = Collections.unmodifiableMap(new TreeMap<>(shares));
      weightedShares =
          weightedShares == null
              ? null
              : Collections.unmodifiableMap(new TreeMap<>(weightedShares));
    }
  }

  /**
   * The balance jumps at a stage.
   *
   * @param name class that it lets through least or most readily
   * @param factor by which the class's odds change; 0 where none of it is left
   * @param pValue of so uneven a choice, had it not looked at the class
   * @param askedFor whether the dataset's request says so
   * @param message for people
   */
  public record Jump(String name, double factor, double pValue, boolean askedFor, String message) {}

  /** Nothing can be said. */
  static ClassReport unknown(String why) {
    return new ClassReport(why, List.of());
  }

  /** Stages whose balance nobody asked for. */
  public List<Stage> jumps() {
    return stages.stream()
        .filter(
            stage -> {
              Jump jump = stage.jump();
              return jump != null && !jump.askedFor();
            })
        .toList();
  }

  /** The first stage. */
  public static Stage first(String name, Map<String, Long> rows) {
    return stage(name, null, rows, null, null);
  }

  /**
   * A stage that chose some rows of another.
   *
   * @param weights class → weight; null where all rows weigh 1
   * @param askedFor whether it was to look at the class
   */
  public static Stage chosen(
      String name,
      Stage from,
      Map<String, Long> rows,
      @Nullable Map<String, Double> weights,
      boolean askedFor) {
    return stage(name, from.name(), rows, weights, jump(name, from, rows, askedFor));
  }

  /** What a model says of the rows of a stage. */
  static Stage predicted(String name, Stage from, Map<String, Long> rows) {
    return stage(name, from.name(), rows, null, null);
  }

  private static Stage stage(
      String name,
      @Nullable String from,
      Map<String, Long> rows,
      @Nullable Map<String, Double> weights,
      @Nullable Jump jump) {
    Map<String, Double> shares = new TreeMap<>();
    Double ratio = null;
    if (sum(rows) > 0) {
      ClassBalance balance = new ClassBalance(rows);
      balance.counts().keySet().forEach(each -> shares.put(each, balance.share(each)));
      ratio = balance.ratio();
    }
    return new Stage(name, from, rows, shares, ratio, weightedShares(rows, weights), jump);
  }

  private static @Nullable Map<String, Double> weightedShares(
      Map<String, Long> rows, @Nullable Map<String, Double> weights) {
    if (weights == null || sum(rows) == 0) {
      return null;
    }
    double all = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    boolean alike =
        rows.entrySet().stream()
            .allMatch(
                each -> weights.getOrDefault(each.getKey(), 0.0).equals((double) each.getValue()));
    if (alike || !(all > 0)) {
      return null;
    }
    Map<String, Double> shares = new TreeMap<>();
    weights.forEach((name, weight) -> shares.put(name, weight / all));
    return shares;
  }

  private static long sum(Map<String, Long> rows) {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The class whose odds change most, where that is much and no chance. */
  private static @Nullable Jump jump(
      String name, Stage from, Map<String, Long> rows, boolean askedFor) {
    long before = sum(from.rows());
    long after = sum(rows);
    if (after == 0 || after == before || from.rows().size() < 2) {
      return null;
    }
    List<String> classes = List.copyOf(new TreeSet<>(from.rows().keySet()));
    double[] kept = new double[classes.size()];
    double[] left = new double[classes.size()];
    String most = classes.getFirst();
    double factor = 1;
    for (int i = 0; i < kept.length; i++) {
      long was = from.rows().getOrDefault(classes.get(i), 0L);
      long is = rows.getOrDefault(classes.get(i), 0L);
      kept[i] = is;
      left[i] = was - is;
      // A class that an earlier stage has left nothing of, or nothing but, cannot be chosen.
      boolean chosen = was > 0 && was < before;
      double change = chosen ? odds(is, after) / odds(was, before) : 1;
      if (distance(change) > distance(factor)) {
        most = classes.get(i);
        factor = change;
      }
    }
    double[][] pooled = ChiSquared.pooled(left, kept);
    double p = ChiSquared.twoSample(pooled[0], pooled[1]).pValue();
    if (distance(factor) < Math.log(LEAST_FACTOR) || !(p < LEVEL)) {
      return null;
    }
    return new Jump(most, factor, p, askedFor, message(name, most, from, rows, p, askedFor));
  }

  private static double odds(long count, long all) {
    return (double) count / (all - count);
  }

  private static double distance(double factor) {
    return factor > 0 ? Math.abs(Math.log(factor)) : Double.POSITIVE_INFINITY;
  }

  private static String message(
      String name, String most, Stage from, Map<String, Long> rows, double p, boolean askedFor) {
    long was = from.rows().getOrDefault(most, 0L);
    long is = rows.getOrDefault(most, 0L);
    long others = sum(from.rows()) - was;
    long otherwise = sum(rows) - is;
    return String.format(
        Locale.ROOT,
        "%s: of class %s %.1f %% are left out, of the others %.1f %% (p = %.2g); %.1f %% of the"
            + " rows before, %.1f %% after%s",
        name,
        most,
        100.0 * (was - is) / was,
        100.0 * (others - otherwise) / others,
        p,
        100.0 * was / (was + others),
        100.0 * is / (is + otherwise),
        askedFor ? "; this was asked for, the weights make up for it" : "");
  }
}
