// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.learning;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The hyperparameters of a learner. Names that it does not know are refused: a misspelt one would
 * otherwise be searched in vain.
 *
 * @param parameters in the order in which they are drawn
 */
public record ParameterSpace(List<Hyperparameter> parameters) {
  public ParameterSpace {
    parameters = List.copyOf(parameters);
  }

  /**
   * Standard values with the given ones in their place.
   *
   * @throws IllegalArgumentException naming an unknown parameter or a value out of range
   */
  public Map<String, Double> standard(Map<String, ?> given) {
    Map<String, Double> values = new TreeMap<>();
    for (Hyperparameter parameter : parameters) {
      Object value = given.get(parameter.name());
      values.put(parameter.name(), value == null ? parameter.standard() : parameter.check(value));
    }
    for (String name : given.keySet()) {
      if (!values.containsKey(name)) {
        throw new IllegalArgumentException(
            "unknown parameter '%s'; there are %s"
                .formatted(
                    name,
                    parameters.stream()
                        .map(Hyperparameter::name)
                        .sorted()
                        .collect(Collectors.joining(", "))));
      }
    }
    return values;
  }

  /** Drawn values; the given ones stay fixed. */
  public Map<String, Double> draw(SplittableRandom random, Map<String, ?> given) {
    Map<String, Double> values = new TreeMap<>(standard(given));
    for (Hyperparameter parameter : parameters) {
      double drawn = parameter.draw(random);
      if (!given.containsKey(parameter.name())) {
        values.put(parameter.name(), drawn);
      }
    }
    return values;
  }
}
