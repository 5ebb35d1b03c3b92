// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.common.contract.ReferenceProfile;
import io.millrace.stats.test.ClassifierTwoSample;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether inputs go together as in the rows that the model was trained on, in any way that trees
 * can see: a ring, a checkerboard, what no correlation of ranks shows. A classifier is taught to
 * tell the rows of a window from the sample of training rows that the version's package carries
 * ({@link ClassifierTwoSample}). So that it can use nothing but how inputs go together, every value
 * is replaced by a place within its bin of its own side, drawn at random: each column alone is then
 * uniform on both sides (the distributional transform; L. Rüschendorf, "On the distributional
 * transform, Sklar's theorem, and the empirical copula process", 2009).
 *
 * <p>A window has drifted where the held-out rows are told apart with a p-value below the level, by
 * {@value #AREA_LEAST} of the area and by {@value #NATURAL_FACTOR} times what the quarters of the
 * training rows differ from the others; or, since trees are blind to an exclusive or, where three
 * inputs go together otherwise ({@link ThreesTogether}), unless it comes and goes with the time of
 * day or week ({@link Seasons}; {@value #REMEMBERED_ROWS} rows of a drifted window are remembered
 * for that). Of a window at most {@value ReferenceProfile#SAMPLE_ROWS} rows are kept, evenly
 * spread. Not thread-safe, but a {@link Look} is.
 */
final class JointRows {
  /** Subject of its findings. */
  static final String SUBJECT = "joint rows";

  /** Least area above one half. */
  static final double AREA_LEAST = 0.045;

  static final double NATURAL_FACTOR = 2;

  /** Standard errors of an area that say nothing. */
  private static final double CHANCE = 2;

  private static final int QUARTERS = 4;
  private static final int LEAST_ROWS = 200;

  /** Rows of a drifted window that are remembered. */
  private static final int REMEMBERED_ROWS = 1_000;

  private static final int MOST_NAMED = 4;
  private static final double NAMED_SHARE = 0.25;
  private static final long SEED = 20_09;

  /** Stands for rows as in training, which are known. */
  private static final Rows NORMAL = new Rows(List.of());

  private final List<String> names = new ArrayList<>();
  private final List<BinnedColumn> columns = new ArrayList<>();
  private final int rowsMax;
  private final int every;
  private final double level;
  private final List<int[]> trained = new ArrayList<>();
  private final AtomicReference<@Nullable Training> training = new AtomicReference<>();
  private final Seasons<Rows> seasons = new Seasons<>(this::noFurther);
  private final List<int[]> window = new ArrayList<>();
  private int rows;
  private long windows;
  private long firstMs = Long.MAX_VALUE;
  private long lastMs = Long.MIN_VALUE;

  JointRows(ReferenceProfile profile, int rowsMax, double level) {
    this.rowsMax = rowsMax;
    this.every = Math.ceilDiv(rowsMax, ReferenceProfile.SAMPLE_ROWS);
    this.level = level;
    ReferenceProfile.Sample sample = profile.sample();
    if (sample != null && sample.rows() >= LEAST_ROWS) {
      sample
          .bins()
          .forEach(
              (name, bins) -> {
                ReferenceProfile.Column column = profile.inputs().get(name);
                if (column != null && new BinnedColumn(column).width() > 0) {
                  names.add(name);
                  columns.add(new BinnedColumn(column));
                }
              });
      for (int row = 0; row < sample.rows(); row++) {
        int[] bins = new int[names.size()];
        for (int i = 0; i < bins.length; i++) {
          bins[i] = sample.bins().getOrDefault(names.get(i), List.of()).get(row);
        }
        trained.add(bins);
      }
    }
    if (names.size() < 2) {
      trained.clear();
    }
  }

  /**
   * Rows by their bins, of which a reference profile has at most {@value
   * ReferenceProfile#MAX_CATEGORIES} and two.
   */
  private record Rows(List<byte[]> bins) {
    private static Rows of(List<int[]> rows) {
      int most = Math.min(rows.size(), REMEMBERED_ROWS);
      List<byte[]> kept = new ArrayList<>();
      for (int i = 0; i < most; i++) {
        int[] row = rows.get((int) ((long) i * rows.size() / most));
        byte[] bins = new byte[row.length];
        for (int input = 0; input < row.length; input++) {
          bins[input] = (byte) row[input];
        }
        kept.add(bins);
      }
      return new Rows(kept);
    }

    private List<int[]> rows() {
      return bins.stream()
          .map(row -> IntStream.range(0, row.length).map(i -> row[i]).toArray())
          .toList();
    }
  }

  /**
   * What windows are held against.
   *
   * @param natural by how much quarters of the training rows are told apart
   * @param naturalThrees how much threes of inputs differ between them
   */
  private record Training(
      double[][] places, double natural, ThreesTogether threes, double[] naturalThrees) {}

  /** Made at the first look, since it costs as much as four of them. */
  private Training training() {
    Training known = training.get();
    if (known == null) {
      double[][] places = places(trained, SEED);
      ThreesTogether threes = ThreesTogether.of(places);
      known = new Training(places, natural(), threes, naturalThrees(threes));
      training.set(known);
    }
    return known;
  }

  /** The most that a quarter of the training rows is told apart from the others beyond chance. */
  private double natural() {
    double most = 0;
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
      int from = trained.size() * quarter / QUARTERS;
      int to = trained.size() * (quarter + 1) / QUARTERS;
      List<int[]> others = new ArrayList<>(trained.subList(0, from));
      others.addAll(trained.subList(to, trained.size()));
      ClassifierTwoSample.Outcome outcome =
          ClassifierTwoSample.test(
              places(others, SEED), places(trained.subList(from, to), SEED + 1), SEED);
      int held = (others.size() + 1) / 2;
      int heldOfQuarter = (to - from + 1) / 2;
      double error = Math.sqrt((held + heldOfQuarter + 1.0) / (12.0 * held * heldOfQuarter));
      most = Math.max(most, outcome.separability() - 0.5 - CHANCE * error);
    }
    return most;
  }

  private double[] naturalThrees(ThreesTogether threes) {
    List<ThreesTogether> quarters = new ArrayList<>();
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
      int from = trained.size() * quarter / QUARTERS;
      int to = trained.size() * (quarter + 1) / QUARTERS;
      quarters.add(ThreesTogether.of(places(trained.subList(from, to), SEED + 1)));
    }
    return threes.most(quarters);
  }

  /** Takes a served row; a look to be taken when a window is full. Not thread-safe. */
  Optional<Look> add(Map<String, Object> inputs, long momentMs) {
    if (trained.isEmpty()) {
      return Optional.empty();
    }
    if (rows % every == 0) {
      int[] bins = new int[names.size()];
      for (int i = 0; i < bins.length; i++) {
        bins[i] = columns.get(i).bin(inputs.get(names.get(i)));
      }
      window.add(bins);
    }
    rows++;
    firstMs = Math.min(firstMs, momentMs);
    lastMs = Math.max(lastMs, momentMs);
    if (rows < rowsMax) {
      return Optional.empty();
    }
    Look look =
        window.size() < LEAST_ROWS
            ? null
            : new Look(List.copyOf(window), SEED + 2 + windows, firstMs, lastMs, rows);
    window.clear();
    rows = 0;
    windows++;
    firstMs = Long.MAX_VALUE;
    lastMs = Long.MIN_VALUE;
    return Optional.ofNullable(look);
  }

  /**
   * A full window. Looking at it takes long and needs nothing that later rows change, so that
   * nobody has to wait for it meanwhile. Thread-safe; looks are to be taken in their order, since
   * each is held against those before.
   */
  final class Look {
    private final List<int[]> kept;
    private final long seed;
    private final long firstMs;
    private final long lastMs;
    private final int rows;
    private @Nullable DriftFinding found;

    private Look(List<int[]> kept, long seed, long firstMs, long lastMs, int rows) {
      this.kept = kept;
      this.seed = seed;
      this.firstMs = firstMs;
      this.lastMs = lastMs;
      this.rows = rows;
    }

    /** What is found in it; the same whenever it is asked. */
    synchronized DriftFinding find() {
      DriftFinding known = found;
      if (known == null) {
        known = inOrOutOfSeason(beside(training()));
        found = known;
      }
      return known;
    }

    private DriftFinding beside(Training before) {
      double[][] now = places(kept, seed);
      ClassifierTwoSample.Outcome outcome = ClassifierTwoSample.test(before.places(), now, seed);
      DriftFinding finding = byClassifier(outcome, before.natural());
      if (finding.drifted()) {
        return finding;
      }
      List<ThreesTogether.Change> changed =
          before
              .threes()
              .changed(ThreesTogether.of(now), before.naturalThrees(), NATURAL_FACTOR, level);
      return changed.isEmpty() ? finding : byThrees(changed);
    }

    private DriftFinding inOrOutOfSeason(DriftFinding finding) {
      synchronized (seasons) {
        return seasons.judge(finding, NORMAL, finding.drifted() ? Rows.of(kept) : NORMAL);
      }
    }

    private DriftFinding byThrees(List<ThreesTogether.Change> changed) {
      ThreesTogether.Change worst = changed.getFirst();
      String others = changed.size() > 1 ? " and " + (changed.size() - 1) + " more threes" : "";
      return new DriftFinding(
          SUBJECT,
          Kind.DATA,
          "triple_product",
          worst.size(),
          worst.least(),
          worst.pValue(),
          String.format(
              Locale.ROOT,
              "product of the places of %s, %s and %s %.2f → %.2f%s",
              names.get(worst.first()),
              names.get(worst.second()),
              names.get(worst.third()),
              worst.before(),
              worst.now(),
              others),
          false,
          true,
          firstMs,
          lastMs,
          rows);
    }

    private DriftFinding byClassifier(ClassifierTwoSample.Outcome outcome, double natural) {
      return new DriftFinding(
          SUBJECT,
          Kind.DATA,
          "classifier_two_sample",
          outcome.separability() - 0.5,
          areaLeast(natural),
          outcome.pValue(),
          String.format(
              Locale.ROOT,
              "a classifier tells rows from those of training with an area of %.2f (quarters of"
                  + " training: %.2f), by %s",
              outcome.separability(),
              0.5 + natural,
              leanedOn(outcome.importance())),
          false,
          tellsApart(outcome, natural),
          firstMs,
          lastMs,
          rows);
    }
  }

  private static double areaLeast(double natural) {
    return Math.max(AREA_LEAST, NATURAL_FACTOR * natural);
  }

  private boolean tellsApart(ClassifierTwoSample.Outcome outcome, double natural) {
    return outcome.pValue() <= level && outcome.separability() - 0.5 >= areaLeast(natural);
  }

  /** As the earlier rows, or as a half of them and a half of training's. */
  private boolean noFurther(Rows reference, Rows before, Rows now) {
    List<int[]> earlier = before.rows();
    List<int[]> mixed = new ArrayList<>(earlier);
    for (int i = 0; i < earlier.size(); i++) {
      mixed.add(trained.get((int) ((long) i * trained.size() / earlier.size())));
    }
    return alike(earlier, now.rows()) || alike(mixed, now.rows());
  }

  private boolean alike(List<int[]> before, List<int[]> now) {
    double[][] placesBefore = places(before, SEED);
    double[][] placesNow = places(now, SEED + 1);
    Training known = training();
    return !tellsApart(ClassifierTwoSample.test(placesBefore, placesNow, SEED), known.natural())
        && ThreesTogether.of(placesBefore)
            .changed(ThreesTogether.of(placesNow), known.naturalThrees(), NATURAL_FACTOR, level)
            .isEmpty();
  }

  /** The inputs that the classifier leaned on, most first. */
  private String leanedOn(double[] importance) {
    double most = Arrays.stream(importance).max().orElse(0);
    List<String> named =
        IntStream.range(0, importance.length)
            .boxed()
            .filter(i -> importance[i] > 0 && importance[i] >= NAMED_SHARE * most)
            .sorted(Comparator.comparingDouble((Integer i) -> importance[i]).reversed())
            .limit(MOST_NAMED)
            .map(names::get)
            .toList();
    return named.isEmpty() ? "none in particular" : String.join(", ", named);
  }

  /** Each value's place among those of its side, from 0 to 1, drawn at random within its bin. */
  private double[][] places(List<int[]> bins, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] places = new double[bins.size()][names.size()];
    for (int i = 0; i < names.size(); i++) {
      double[] counts = new double[columns.get(i).width()];
      for (int[] row : bins) {
        counts[row[i]]++;
      }
      double[] before = new double[counts.length];
      for (int bin = 1; bin < before.length; bin++) {
        before[bin] = before[bin - 1] + counts[bin - 1];
      }
      for (int row = 0; row < places.length; row++) {
        int bin = bins.get(row)[i];
        places[row][i] = (before[bin] + random.nextDouble() * counts[bin]) / places.length;
      }
    }
    return places;
  }
}
