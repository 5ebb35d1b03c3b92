// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import io.millrace.common.serde.Json;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * A linear model: {@code link(intercept + Σ coefficient · value)}; a missing value adds nothing.
 *
 * @param link {@link Link#LOGISTIC} for a probability
 * @param intercept finite
 * @param coefficients one per column, finite
 */
public record LinearWeights(Link link, double intercept, List<Double> coefficients) {
  @SuppressWarnings("ConstantValue") // JSON may leave out what the record's type promises
  public LinearWeights {
    if (link == null || coefficients == null) {
      throw new IllegalArgumentException("link or coefficients are missing");
    }
    coefficients = List.copyOf(coefficients);
    if (!Double.isFinite(intercept) || !coefficients.stream().allMatch(Double::isFinite)) {
      throw new IllegalArgumentException("a coefficient is not finite");
    }
  }

  /** As JSON; equal weights are equal bytes. */
  public byte[] toBytes() {
    return Json.canonical().writeValueAsBytes(this);
  }

  /**
   * Reads {@link #toBytes}.
   *
   * @throws IllegalArgumentException where the bytes are something else
   */
  public static LinearWeights fromBytes(byte[] bytes) {
    try {
      LinearWeights weights = Json.mapper().readValue(bytes, LinearWeights.class);
      if (weights == null) {
        throw new IllegalArgumentException("linear weights are empty");
      }
      return weights;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not linear weights: " + e.getOriginalMessage(), e);
    }
  }
}
