// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * Random search (Bergstra and Bengio, 2012) on the most recent part of the training rows. The first
 * trial has the standard values, the others are drawn. Equal seeds give equal trials; a budget that
 * runs out ends the search after the trial in progress, which only then depends on the machine.
 */
public final class RandomSearch {
  /** Share of the training rows that validate. */
  public static final double VALIDATION_SHARE = 0.2;

  private RandomSearch() {}

  /**
   * One trial.
   *
   * @param steps steps with the least validation loss
   * @param history losses of each step
   */
  public record Trial(
      int number,
      Map<String, Double> parameters,
      int steps,
      double validationLoss,
      List<Loss> history) {
    public Trial {
      history = List.copyOf(history);
    }
  }

  /** Mean losses at a step, which counts from 1. */
  public record Loss(int step, double train, double validation) {}

  /** Told of each finished trial. */
  @FunctionalInterface
  public interface TrialListener {
    void finished(Trial trial);
  }

  /**
   * Searches.
   *
   * @param fit rows to fit on
   * @param validation rows to compare on
   * @param given parameters that stay fixed
   * @param trials at least 1
   * @param exhausted whether the budget has run out
   * @return all trials, best first
   */
  public static List<Trial> run(
      Learner learner,
      Matrix fit,
      Matrix validation,
      Task task,
      Map<String, ?> given,
      int trials,
      long seed,
      BooleanSupplier exhausted,
      TrialListener listener)
      throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    List<Trial> done = new ArrayList<>();
    for (int number = 1; number <= trials; number++) {
      Map<String, Double> parameters =
          number == 1 ? learner.space().standard(given) : learner.space().draw(random, given);
      List<Loss> history = new ArrayList<>();
      Learner.Fit result =
          learner.fit(
              fit,
              validation,
              learner.steps(parameters),
              task,
              parameters,
              seed,
              (step, train, valid) -> history.add(new Loss(step, train, valid)));
      Trial trial =
          new Trial(number, parameters, result.bestStep(), result.validationLoss(), history);
      done.add(trial);
      listener.finished(trial);
      if (exhausted.getAsBoolean()) {
        break;
      }
    }
    done.sort(Comparator.comparingDouble(Trial::validationLoss).thenComparingInt(Trial::number));
    return done;
  }
}
