// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import io.millrace.common.definition.Durations;
import io.millrace.common.definition.ModelDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How to train: the definition with the overrides of a request.
 *
 * @param parameters fixed in the search
 * @param trials at least 1
 * @param budget wall-clock limit of the search
 * @param seed of everything random
 */
public record TrainingPlan(
    Task task,
    Learner learner,
    Map<String, Object> parameters,
    int trials,
    Duration budget,
    long seed) {
  /** What a request may override. */
  public static final List<String> OPTIONS = List.of("algorithm", "seed", "trials");

  public static final int DEFAULT_TRIALS = 4;
  public static final int MAX_TRIALS = 500;
  public static final long DEFAULT_SEED = 17;
  private static final Duration DEFAULT_BUDGET = Duration.ofMinutes(10);

  /**
   * @param learners by algorithm
   * @throws UntrainableException with every option or parameter that is wrong
   */
  public static TrainingPlan of(
      ModelDefinition model, Map<String, String> options, Map<String, Learner> learners) {
    List<String> wrong = new ArrayList<>(problems(options, learners).values());
    if (!wrong.isEmpty()) {
      throw new UntrainableException(wrong.toArray(String[]::new));
    }
    String algorithm = options.getOrDefault("algorithm", model.algorithmKind());
    Learner learner = learners.get(algorithm);
    if (learner == null) {
      throw new UntrainableException(
          "no learner for algorithm '" + algorithm + "'; there are " + names(learners));
    }
    // Parameters in the definition belong to the algorithm that it names.
    Map<String, Object> parameters =
        model.algorithm() == null || !algorithm.equals(model.algorithmKind())
            ? Map.of()
            : model.algorithm().parameters();
    try {
      learner.space().standard(parameters);
    } catch (IllegalArgumentException e) {
      throw new UntrainableException(algorithm + ": " + e.getMessage());
    }
    ModelDefinition.Search search = model.search();
    boolean none = search != null && "none".equals(search.kind());
    String trials = options.get("trials");
    String seed = options.get("seed");
    return new TrainingPlan(
        Task.of(model.task()),
        learner,
        new TreeMap<>(parameters),
        trials != null
            ? Integer.parseInt(trials)
            : none ? 1 : or(search == null ? null : search.trials(), DEFAULT_TRIALS),
        search == null || search.budget() == null
            ? DEFAULT_BUDGET
            : Durations.parse(search.budget()),
        seed != null
            ? Long.parseLong(seed)
            : or(search == null ? null : search.seed(), DEFAULT_SEED));
  }

  /** What is wrong with the options of a request: option → message; empty where nothing is. */
  public static Map<String, String> problems(
      Map<String, String> options, Map<String, Learner> learners) {
    Map<String, String> problems = new TreeMap<>();
    options.forEach(
        (name, value) -> {
          String problem =
              switch (name) {
                case "algorithm" ->
                    learners.containsKey(value) ? null : "must be one of " + names(learners);
                case "trials" ->
                    isWhole(value, 1, MAX_TRIALS) ? null : "must be 1 to " + MAX_TRIALS;
                case "seed" ->
                    isWhole(value, Long.MIN_VALUE, Long.MAX_VALUE) ? null : "must be an integer";
                default -> "is no option; there are " + OPTIONS;
              };
          if (problem != null) {
            problems.put(name, "option '" + name + "' " + problem + ", was '" + value + "'");
          }
        });
    return problems;
  }

  private static List<String> names(Map<String, Learner> learners) {
    return learners.keySet().stream().sorted().toList();
  }

  private static boolean isWhole(String text, long min, long max) {
    try {
      long value = Long.parseLong(text);
      return value >= min && value <= max;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static int or(@Nullable Integer value, int standard) {
    return value == null ? standard : value;
  }

  private static long or(@Nullable Long value, long standard) {
    return value == null ? standard : value;
  }
}
