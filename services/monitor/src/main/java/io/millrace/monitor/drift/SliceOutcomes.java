// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected.Kind;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.monitor.performance.Outcome;
import io.millrace.stats.test.Normal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Whether a version has become worse within a slice: P(y | x) moved there, told apart from inputs,
 * scores and labels that moved. Two figures of each outcome say so, and both stay where they are
 * while the scores are right, whichever rows come: the log loss beyond what the score expects of
 * itself ({@link Outcome#excessLoss}), and the label less the score. Where only the share of
 * positives moves and both hold, it is the slice's label that drifted.
 *
 * <p>A slice is held against its own first rows, and its change against that of all other rows over
 * the same time: what changes everywhere is none of the slice's, so it must have changed by {@value
 * #OUTSIDE_FACTOR} times what the others did and more, with a z test of the difference of
 * differences. The last window and the last {@value #LONG} windows are looked at; a slice has
 * drifted where two looks running say so, out of season ({@link Seasons}). The level is divided by
 * slices, figures and scales. Of a slice are kept sums of {@value #LONG} windows, of a reference of
 * as many, that grows while nothing stands out, and of the windows that did; at most {@value
 * SliceWindows#MOST_SLICES} slices are watched. Not thread-safe.
 */
public final class SliceOutcomes {
  /** Least change of the share of positives, or of label less score, relative to the share. */
  static final double SHARE_LEAST = 0.3;

  /** Least rise of the excess log loss, relative to the slice's log loss. */
  static final double LOSS_RISE_LEAST = 0.1;

  private static final double OUTSIDE_FACTOR = 2;
  private static final int LONG = 4;
  private static final int SCALES = 2;
  private static final int LEAST_ROWS_OUTSIDE = 50;

  private final List<String> sliceColumns;
  private final int rowsMax;
  private final double level;
  private final Map<String, Slice> slices = new LinkedHashMap<>();

  /** Of all outcomes so far. */
  private final Sums all = new Sums();

  /** What is looked at: its place in the sums, what it is called, what a change of it means. */
  private enum Figure {
    LOSS(Kind.CONCEPT, "excess_log_loss"),
    BIAS(Kind.CONCEPT, "calibration"),
    SHARE(Kind.LABEL, "positive_share");

    private final Kind kind;
    private final String test;

    Figure(Kind kind, String test) {
      this.kind = kind;
      this.test = test;
    }

    private static double of(Figure figure, Outcome outcome) {
      return switch (figure) {
        case LOSS -> outcome.excessLoss();
        case BIAS -> (outcome.positive() ? 1 : 0) - outcome.score();
        case SHARE -> outcome.positive() ? 1 : 0;
      };
    }
  }

  /** Count, sums and sums of squares. */
  private static final class Sums {
    private final double[] sums = new double[Figure.values().length];
    private final double[] squares = new double[sums.length];
    private double logLoss;
    private long rows;

    private void add(Outcome outcome) {
      rows++;
      logLoss += outcome.logLoss();
      for (Figure figure : Figure.values()) {
        double value = Figure.of(figure, outcome);
        sums[figure.ordinal()] += value;
        squares[figure.ordinal()] += value * value;
      }
    }

    private void add(Sums other, int sign) {
      rows += sign * other.rows;
      logLoss += sign * other.logLoss;
      for (int i = 0; i < sums.length; i++) {
        sums[i] += sign * other.sums[i];
        squares[i] += sign * other.squares[i];
      }
    }

    private Sums copy() {
      Sums copy = new Sums();
      copy.add(this, 1);
      return copy;
    }

    private double mean(Figure figure) {
      return rows == 0 ? 0 : sums[figure.ordinal()] / rows;
    }

    /** Squared standard error of the mean. */
    private double error(Figure figure) {
      double mean = mean(figure);
      return rows < 2
          ? 0
          : Math.max(0, squares[figure.ordinal()] / rows - mean * mean) / (rows - 1);
    }
  }

  /** The slice's rows of a stretch, and all others of the same time. */
  private record Stretch(Sums in, Sums out, long firstMs, long lastMs) {
    private static Stretch of(Iterable<Stretch> parts) {
      Sums in = new Sums();
      Sums out = new Sums();
      long first = Long.MAX_VALUE;
      long last = Long.MIN_VALUE;
      for (Stretch part : parts) {
        in.add(part.in, 1);
        out.add(part.out, 1);
        first = Math.min(first, part.firstMs);
        last = Math.max(last, part.lastMs);
      }
      return new Stretch(in, out, first, last);
    }
  }

  private static final class Slice {
    private final List<Stretch> reference = new ArrayList<>();
    private final Deque<Stretch> recent = new ArrayDeque<>();
    private final boolean[] exceeded = new boolean[Figure.values().length];
    private final List<Seasons<Stretch>> seasonsOfOne = new ArrayList<>();
    private final List<Seasons<Stretch>> seasonsOfLong = new ArrayList<>();
    private Sums window = new Sums();
    private Sums allBefore;
    private long firstMs = Long.MAX_VALUE;
    private long lastMs = Long.MIN_VALUE;

    private Slice(Sums allBefore, Function<Figure, Seasons<Stretch>> seasons) {
      this.allBefore = allBefore;
      for (Figure figure : Figure.values()) {
        seasonsOfOne.add(seasons.apply(figure));
        seasonsOfLong.add(seasons.apply(figure));
      }
    }

    private Stretch close(Sums all) {
      Sums out = all.copy();
      out.add(allBefore, -1);
      out.add(window, -1);
      Stretch closed = new Stretch(window, out, firstMs, lastMs);
      window = new Sums();
      allBefore = all.copy();
      firstMs = Long.MAX_VALUE;
      lastMs = Long.MIN_VALUE;
      return closed;
    }
  }

  /**
   * @param slices columns whose values are watched apart; a bare name is a field of the deciding
   *     event
   * @param windowRows rows of a window of all rows; a slice is judged by an eighth of them
   * @param level probability of a false alarm in a window of all slices
   */
  public SliceOutcomes(List<String> slices, int windowRows, double level) {
    this.sliceColumns = slices.stream().map(FeatureScopes::inputOf).toList();
    this.rowsMax = Math.max(SliceWindows.LEAST_ROWS, windowRows / 8);
    this.level = level;
  }

  /** Takes an outcome and what it was predicted from; findings when a slice has enough rows. */
  public List<DriftFinding> add(Map<String, Object> inputs, Outcome outcome) {
    if (sliceColumns.isEmpty()) {
      return List.of();
    }
    List<Slice> full = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String column : sliceColumns) {
      Object value = inputs.get(column);
      if (value == null) {
        continue;
      }
      String name = column + "=" + value;
      Slice slice = slices.get(name);
      if (slice == null && slices.size() < SliceWindows.MOST_SLICES) {
        slice = new Slice(all.copy(), this::seasons);
        slices.put(name, slice);
      }
      if (slice != null) {
        slice.window.add(outcome);
        slice.firstMs = Math.min(slice.firstMs, outcome.momentMs());
        slice.lastMs = Math.max(slice.lastMs, outcome.momentMs());
        if (slice.window.rows >= rowsMax) {
          full.add(slice);
          names.add(name);
        }
      }
    }
    all.add(outcome);
    List<DriftFinding> findings = new ArrayList<>();
    for (int i = 0; i < full.size(); i++) {
      look(names.get(i), full.get(i), findings);
    }
    return findings;
  }

  private void look(String name, Slice slice, List<DriftFinding> findings) {
    Stretch closed = slice.close(all);
    if (slice.reference.isEmpty()) {
      slice.reference.add(closed);
      return;
    }
    slice.recent.addLast(closed);
    if (slice.recent.size() > LONG) {
      slice.recent.removeFirst();
    }
    Stretch reference = Stretch.of(slice.reference);
    Stretch recent = Stretch.of(slice.recent);
    boolean conceptual = false;
    boolean[] exceeds = new boolean[Figure.values().length];
    List<DriftFinding> found = new ArrayList<>();
    for (Figure figure : Figure.values()) {
      int at = figure.ordinal();
      DriftFinding one = finding(name, figure, change(figure, reference, closed));
      DriftFinding over = finding(name, figure, change(figure, reference, recent));
      exceeds[at] = one.drifted() || over.drifted();
      boolean longer = over.drifted() && !one.drifted();
      DriftFinding judged = slice.seasonsOfOne.get(at).judge(one, reference, closed);
      DriftFinding judgedOver = slice.seasonsOfLong.get(at).judge(over, reference, recent);
      if (longer || (judgedOver.drifted() && !judged.drifted())) {
        judged = judgedOver;
      }
      // A label that moved because P(y | x) did is no drift of the label alone.
      boolean told = slice.exceeded[at] && !(figure.kind == Kind.LABEL && conceptual);
      slice.exceeded[at] = judged.drifted();
      conceptual |= figure.kind == Kind.CONCEPT && exceeds[at];
      found.add(told ? judged : judged.quiet());
    }
    boolean byBias = exceeds[Figure.BIAS.ordinal()] && !exceeds[Figure.LOSS.ordinal()];
    findings.add(worse(found.get(0), found.get(1), byBias));
    findings.add(found.get(2));
    boolean any = exceeds[0] || exceeds[1] || exceeds[2];
    if (!any && slice.reference.size() < LONG) {
      slice.reference.add(closed);
      slice.recent.clear();
    }
  }

  private static DriftFinding worse(DriftFinding loss, DriftFinding bias, boolean byBias) {
    return loss.drifted() || !(bias.drifted() || byBias) ? loss : bias;
  }

  /**
   * A figure now and before.
   *
   * @param least change that is told
   */
  private record Change(
      double before,
      double now,
      double outside,
      double least,
      double pValue,
      Stretch at,
      boolean significant) {
    private boolean exceeds() {
      return significant && Math.abs(now - before) >= least;
    }

    /** What it changed by beyond what all others did. */
    private double ofTheSlice() {
      return now - before - outside;
    }
  }

  private Change change(Figure figure, Stretch reference, Stretch now) {
    boolean compare = Math.min(reference.out.rows, now.out.rows) >= LEAST_ROWS_OUTSIDE;
    double inside = now.in.mean(figure) - reference.in.mean(figure);
    double outside = compare ? now.out.mean(figure) - reference.out.mean(figure) : 0;
    double error =
        Math.sqrt(
            now.in.error(figure)
                + reference.in.error(figure)
                + (compare ? now.out.error(figure) + reference.out.error(figure) : 0));
    double z = error == 0 ? 0 : (inside - outside) / error;
    double pValue =
        figure == Figure.LOSS
            ? Normal.upperTail(z)
            : Math.min(1, 2 * Normal.upperTail(Math.abs(z)));
    double share = reference.in.mean(Figure.SHARE);
    double least =
        figure == Figure.LOSS
            ? LOSS_RISE_LEAST * reference.in.logLoss / Math.max(1, reference.in.rows)
            : SHARE_LEAST * Math.min(share, 1 - share);
    double threshold = least + OUTSIDE_FACTOR * Math.abs(outside);
    double corrected = level / (slices.size() * SCALES * Figure.values().length);
    return new Change(
        reference.in.mean(figure),
        now.in.mean(figure),
        outside,
        threshold,
        pValue,
        now,
        pValue <= corrected && (figure != Figure.LOSS || inside > 0));
  }

  private Seasons<Stretch> seasons(Figure figure) {
    return new Seasons<>((first, before, now) -> noFurther(figure, first, before, now));
  }

  private boolean noFurther(Figure figure, Stretch first, Stretch before, Stretch now) {
    Change since = change(figure, before, now);
    boolean outwards = since.ofTheSlice() * change(figure, first, now).ofTheSlice() > 0;
    return !outwards || !since.exceeds();
  }

  private static DriftFinding finding(String name, Figure figure, Change change) {
    String words =
        switch (figure) {
          case LOSS -> "log loss beyond what the scores expect";
          case BIAS -> "label less score";
          case SHARE -> "positive share";
        };
    return new DriftFinding(
        (figure.kind == Kind.CONCEPT ? ConceptDrift.SUBJECT : LabelShare.SUBJECT)
            + " ["
            + name
            + "]",
        figure.kind,
        figure.test,
        Math.abs(change.now - change.before),
        change.least,
        change.pValue,
        String.format(
            Locale.ROOT,
            "%s %.3f → %.3f within the slice, %+.3f outside",
            words,
            change.before,
            change.now,
            change.outside),
        false,
        change.exceeds(),
        change.at.firstMs,
        change.at.lastMs,
        change.at.in.rows);
  }
}
