// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.models.engine.LinearWeights;
import io.millrace.models.engine.Link;
import io.millrace.models.engine.LogisticEngine;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Linear and logistic regression with an L2 penalty, by L-BFGS (Liu and Nocedal, "On the limited
 * memory BFGS method for large scale optimization", 1989) with backtracking. Convex and without
 * anything random: equal rows give equal weights. The intercept is not penalised.
 */
public final class LogisticLearner implements Learner {
  private static final int MEMORY = 10;
  private static final int MAX_HALVINGS = 40;
  private static final double ARMIJO = 1e-4;
  private static final double TOLERANCE = 1e-7;
  private static final ParameterSpace SPACE =
      new ParameterSpace(
          List.of(
              Hyperparameter.scale("l2", 1e-4, 0, 1e3, 1e-6, 1e-1),
              Hyperparameter.fixed("iterations", 200, 1, 10_000)));

  @Override
  public String algorithm() {
    return LogisticEngine.NAME;
  }

  @Override
  public InputForm inputForm() {
    return InputForm.STANDARDISED;
  }

  @Override
  public ParameterSpace space() {
    return SPACE;
  }

  @Override
  public int steps(Map<String, Double> parameters) {
    return parameters.getOrDefault("iterations", 200.0).intValue();
  }

  @Override
  public Map<String, String> environment() {
    return Map.of();
  }

  @Override
  public Fit fit(
      Matrix train,
      @Nullable Matrix validation,
      int steps,
      Task task,
      Map<String, Double> parameters,
      long seed,
      StepListener listener)
      throws InterruptedException {
    Objective objective = new Objective(train, task, parameters.getOrDefault("l2", 0.0));
    // The optimum is what is wanted; validation only measures it.
    EarlyStop watch = new EarlyStop(Integer.MAX_VALUE, validation != null);
    double[] point = new double[train.width() + 1];
    double[] gradient = new double[point.length];
    double value = objective.at(point, gradient);
    Deque<double[][]> history = new ArrayDeque<>();
    int step = 0;
    double validationLoss = Double.NaN;
    while (step < steps && norm(gradient) > TOLERANCE) {
      double[] direction = direction(gradient, history);
      double slope = dot(direction, gradient);
      if (slope >= 0) {
        history.clear();
        direction = direction(gradient, history);
        slope = dot(direction, gradient);
      }
      double[] next = new double[point.length];
      double[] nextGradient = new double[point.length];
      double length = history.isEmpty() ? Math.min(1, 1 / norm(gradient)) : 1;
      double nextValue = Double.POSITIVE_INFINITY;
      for (int i = 0; i < MAX_HALVINGS; i++, length /= 2) {
        for (int j = 0; j < point.length; j++) {
          next[j] = point[j] + length * direction[j];
        }
        nextValue = objective.at(next, nextGradient);
        if (nextValue <= value + ARMIJO * length * slope) {
          break;
        }
      }
      if (!(nextValue < value)) {
        break;
      }
      remember(history, point, next, gradient, nextGradient);
      double gain = value - nextValue;
      point = next;
      gradient = nextGradient;
      value = nextValue;
      step++;
      validationLoss = validation == null ? Double.NaN : loss(validation, task, point);
      watch.after(step, value, validationLoss);
      listener.step(step, value, validationLoss);
      if (gain < TOLERANCE * TOLERANCE) {
        break;
      }
    }
    double[] solution = point;
    LinearWeights weights =
        new LinearWeights(
            task == Task.BINARY ? Link.LOGISTIC : Link.IDENTITY,
            solution[train.width()],
            Arrays.stream(solution, 0, train.width()).boxed().toList());
    return new Fit(
        weights.toBytes(),
        Math.max(1, step),
        validation == null ? Double.NaN : loss(validation, task, solution));
  }

  /** Two-loop recursion. */
  private static double[] direction(double[] gradient, Deque<double[][]> history) {
    double[] q = gradient.clone();
    double[] alphas = new double[history.size()];
    int i = 0;
    for (double[][] pair : history) {
      alphas[i] = dot(pair[0], q) / dot(pair[0], pair[1]);
      add(q, pair[1], -alphas[i++]);
    }
    if (!history.isEmpty()) {
      double[][] newest = history.getFirst();
      double scale = dot(newest[0], newest[1]) / dot(newest[1], newest[1]);
      for (int j = 0; j < q.length; j++) {
        q[j] *= scale;
      }
    }
    var oldestFirst = history.descendingIterator();
    while (oldestFirst.hasNext()) {
      double[][] pair = oldestFirst.next();
      double beta = dot(pair[1], q) / dot(pair[0], pair[1]);
      add(q, pair[0], alphas[--i] - beta);
    }
    for (int j = 0; j < q.length; j++) {
      q[j] = -q[j];
    }
    return q;
  }

  private static void remember(
      Deque<double[][]> history,
      double[] point,
      double[] next,
      double[] gradient,
      double[] nextGradient) {
    double[] move = next.clone();
    add(move, point, -1);
    double[] turn = nextGradient.clone();
    add(turn, gradient, -1);
    if (dot(move, turn) > 1e-12 * dot(turn, turn)) {
      history.addFirst(new double[][] {move, turn});
      if (history.size() > MEMORY) {
        history.removeLast();
      }
    }
  }

  private static double loss(Matrix rows, Task task, double[] point) {
    double sum = 0;
    double weight = 0;
    for (int row = 0; row < rows.rows(); row++) {
      sum += rows.weights()[row] * task.loss(output(rows, row, point), rows.labels()[row]);
      weight += rows.weights()[row];
    }
    return sum / weight;
  }

  private static double output(Matrix rows, int row, double[] point) {
    double sum = point[rows.width()];
    int offset = row * rows.width();
    for (int i = 0; i < rows.width(); i++) {
      float value = rows.values()[offset + i];
      if (!Float.isNaN(value)) {
        sum += point[i] * value;
      }
    }
    return sum;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] vector) {
    return Math.sqrt(dot(vector, vector));
  }

  private static void add(double[] target, double[] other, double factor) {
    for (int i = 0; i < target.length; i++) {
      target[i] += factor * other[i];
    }
  }

  /** Mean weighted loss plus l2/2 · |coefficients|². */
  private record Objective(Matrix rows, Task task, double l2) {
    double at(double[] point, double[] gradient) {
      Arrays.fill(gradient, 0);
      int width = rows.width();
      double sum = 0;
      double weight = 0;
      for (int row = 0; row < rows.rows(); row++) {
        double output = output(rows, row, point);
        double w = rows.weights()[row];
        sum += w * task.loss(output, rows.labels()[row]);
        weight += w;
        double slope = w * task.slope(output, rows.labels()[row]);
        int offset = row * width;
        for (int i = 0; i < width; i++) {
          float value = rows.values()[offset + i];
          if (!Float.isNaN(value)) {
            gradient[i] += slope * value;
          }
        }
        gradient[width] += slope;
      }
      double value = sum / weight;
      for (int i = 0; i <= width; i++) {
        gradient[i] /= weight;
      }
      for (int i = 0; i < width; i++) {
        value += l2 / 2 * point[i] * point[i];
        gradient[i] += l2 * point[i];
      }
      return value;
    }
  }
}
