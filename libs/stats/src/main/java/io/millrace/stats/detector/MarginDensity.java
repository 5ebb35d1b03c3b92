// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.util.List;

/**
 * MD3, margin density drift detection: watches, without labels, what share of the predictions is
 * uncertain. Changes far from the decision boundary leave it alone; a change at the boundary moves
 * it. A suspicion ({@link DetectorState#WARNING}) asks for labels of the next predictions, and is
 * confirmed ({@link DetectorState#DRIFT}) only if the accuracy on them has fallen. Source: Sethi
 * and Kantardzic, "On the reliable detection of concept drift from streaming unlabeled data",
 * Expert Systems with Applications 2017, with the margin of a probability (|2p − 1| at most a
 * width) in place of a support vector machine's.
 *
 * <p>Blind by design to a change of concept that leaves the scores where they were. Constant memory
 * and time; not thread-safe. Not calibrated: the limit is a number of deviations per look. For a
 * level that holds for ever, give the share itself, {@link #inMargin} as 0 or 1, to {@link
 * AnytimeValid}.
 */
public final class MarginDensity {
  /** Name of the algorithm. */
  public static final String NAME = "md3";

  private final double width;
  private final int window;
  private final double limit;
  private Reference reference;
  private double density;
  private long labels;
  private long rights;
  private DetectorState state = DetectorState.STABLE;

  /**
   * What is usual, from the held-out parts of a cross-validation of the training rows.
   *
   * @param density mean share of predictions in the margin, in [0, 1]
   * @param densityDeviation its standard deviation over windows, positive
   * @param accuracy mean share of right predictions, in [0, 1]
   * @param accuracyDeviation its standard deviation over windows, positive
   */
  public record Reference(
      double density, double densityDeviation, double accuracy, double accuracyDeviation) {
    /** Checks the ranges. */
    public Reference {
      if (!(density >= 0 && density <= 1 && accuracy >= 0 && accuracy <= 1)
          || !(densityDeviation > 0 && accuracyDeviation > 0)) {
        throw new IllegalArgumentException(
            "need shares in [0, 1] and positive deviations, were %s ± %s and %s ± %s"
                .formatted(density, densityDeviation, accuracy, accuracyDeviation));
      }
    }
  }

  /**
   * Scores that a model gave to rows that it was not trained on.
   *
   * @param scores probabilities of the positive class, in [0, 1]
   * @param actual whether each row was positive
   */
  public record Fold(double[] scores, boolean[] actual) {
    /** Copies and checks. */
    public Fold {
      scores = scores.clone();
      actual = actual.clone();
      if (scores.length == 0 || scores.length != actual.length) {
        throw new IllegalArgumentException(
            "need as many scores as labels, have %d and %d"
                .formatted(scores.length, actual.length));
      }
    }

    @Override
    public double[] scores() {
      return scores.clone();
    }

    @Override
    public boolean[] actual() {
      return actual.clone();
    }
  }

  /** Margin |2p − 1| ≤ 0.5, a window of 200 predictions, 2 deviations. */
  public MarginDensity(Reference reference) {
    this(reference, 0.5, 200, 2);
  }

  /**
   * With other parameters.
   *
   * @param width of the margin, within (0, 1)
   * @param window predictions that the density remembers, and labels that a suspicion asks for
   * @param limit deviations from the reference that are suspicious, and that confirm
   */
  public MarginDensity(Reference reference, double width, int window, double limit) {
    if (!(width > 0 && width < 1) || window < 2 || !(limit > 0)) {
      throw new IllegalArgumentException(
          "need 0 < width < 1, window ≥ 2, limit > 0, were %s, %d, %s"
              .formatted(width, window, limit));
    }
    this.width = width;
    this.window = window;
    this.limit = limit;
    this.reference = reference;
    this.density = reference.density();
  }

  /**
   * The reference of held-out folds: mean over the folds, and the larger of their deviation and of
   * what sampling alone gives a share in {@code window} predictions, so that few alike folds cannot
   * make everything suspicious.
   *
   * @throws IllegalArgumentException if there are fewer than 2 folds
   */
  public static Reference reference(List<Fold> folds, double width, int window) {
    if (folds.size() < 2) {
      throw new IllegalArgumentException("need 2 or more folds, have " + folds.size());
    }
    double[] densities = new double[folds.size()];
    double[] accuracies = new double[folds.size()];
    for (int f = 0; f < densities.length; f++) {
      double[] scores = folds.get(f).scores();
      boolean[] actual = folds.get(f).actual();
      for (int i = 0; i < scores.length; i++) {
        densities[f] += inMargin(scores[i], width) ? 1.0 / scores.length : 0;
        accuracies[f] += scores[i] >= 0.5 == actual[i] ? 1.0 / scores.length : 0;
      }
    }
    double density = Math.min(1, mean(densities));
    double accuracy = Math.min(1, mean(accuracies));
    return new Reference(
        density,
        Math.max(deviation(densities), sampling(density, window)),
        accuracy,
        Math.max(deviation(accuracies), sampling(accuracy, window)));
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return Math.sqrt(squares / (values.length - 1));
  }

  /** Standard error of a share; one row more on each side keeps it from being 0. */
  private static double sampling(double share, int window) {
    double kept = (share * window + 1) / (window + 2);
    return Math.sqrt(kept * (1 - kept) / window);
  }

  /** Whether a prediction is uncertain. */
  public static boolean inMargin(double score, double width) {
    return Math.abs(2 * score - 1) <= width;
  }

  /** The present share of uncertain predictions, fading over the window. */
  public double density() {
    return density;
  }

  /** What is usual now: labels that deny a suspicion renew it. */
  public Reference reference() {
    return reference;
  }

  /**
   * Takes the score of the next prediction. A suspicion stays until its labels are in; after a
   * drift it stays declared until {@link #restart}, since only a new model makes a new reference.
   *
   * @param score probability of the positive class
   * @throws IllegalArgumentException if the score is not in [0, 1]; the state is then unchanged
   */
  public DetectorState update(double score) {
    HddmA.requireShare(score);
    double keep = (window - 1.0) / window;
    density = keep * density + (1 - keep) * (inMargin(score, width) ? 1 : 0);
    if (state == DetectorState.STABLE
        && Math.abs(density - reference.density()) > limit * reference.densityDeviation()) {
      state = DetectorState.WARNING;
      labels = 0;
      rights = 0;
    }
    return state;
  }

  /** Labels that the present suspicion still asks for; 0 without one. */
  public long labelsWanted() {
    return state == DetectorState.WARNING ? window - labels : 0;
  }

  /**
   * Takes the label of a prediction made since the suspicion; ignored without one. The last label
   * wanted decides: drift if the accuracy has fallen, otherwise the density of now is the new
   * usual.
   *
   * @param right whether the prediction was right
   */
  public DetectorState label(boolean right) {
    if (state != DetectorState.WARNING) {
      return state;
    }
    labels++;
    rights += right ? 1 : 0;
    if (labels == window) {
      double accuracy = rights / (double) labels;
      if (reference.accuracy() - accuracy > limit * reference.accuracyDeviation()) {
        state = DetectorState.DRIFT;
      } else {
        state = DetectorState.STABLE;
        reference =
            new Reference(
                density,
                Math.max(reference.densityDeviation(), sampling(density, window)),
                reference.accuracy(),
                reference.accuracyDeviation());
      }
    }
    return state;
  }

  /** The answer to the last score or label. */
  public DetectorState state() {
    return state;
  }

  /** Begins again with the reference of a new model. */
  public void restart(Reference next) {
    reference = next;
    density = next.density();
    state = DetectorState.STABLE;
    labels = 0;
    rights = 0;
  }

  /** Parameters and state, from which {@link #restore} makes an equal detector. */
  public DetectorSnapshot snapshot() {
    return new DetectorSnapshot(
        NAME,
        new double[] {width, window, limit},
        new double[] {
          reference.density(),
          reference.densityDeviation(),
          reference.accuracy(),
          reference.accuracyDeviation(),
          density,
          labels,
          rights,
          state.ordinal()
        });
  }

  /**
   * A detector that goes on where another stood.
   *
   * @throws IllegalArgumentException if the snapshot is of another detector or is incomplete
   */
  public static MarginDensity restore(DetectorSnapshot snapshot) {
    LinearFourRates.requireName(snapshot, NAME);
    double[] parameters = snapshot.parameters();
    double[] numbers = snapshot.state();
    try {
      MarginDensity detector =
          new MarginDensity(
              new Reference(numbers[0], numbers[1], numbers[2], numbers[3]),
              parameters[0],
              (int) parameters[1],
              parameters[2]);
      detector.density = numbers[4];
      detector.labels = (long) numbers[5];
      detector.rights = (long) numbers[6];
      detector.state = DetectorState.values()[(int) numbers[7]];
      return detector;
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("incomplete snapshot of " + NAME, e);
    }
  }
}
