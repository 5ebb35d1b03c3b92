// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;

/**
 * One figure. As JSON it is one line of {@code millrace bench NAME --json}.
 *
 * @param bench name of the benchmark
 * @param subject what was measured; {@code case} in JSON
 * @param metric which property of it
 * @param value the median of the runs, or what all of them together gave, rounded to {@value
 *     #DIGITS} significant digits
 * @param unit of the value
 * @param beside the same metric of a peer or of the limit, from the same runs; null without one
 * @param runs how many runs it is of, at least 1
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({"bench", "case", "metric", "value", "unit", "beside", "runs"})
public record Measurement(
    String bench,
    @JsonProperty("case") String subject,
    String metric,
    double value,
    String unit,
    @Nullable Beside beside,
    int runs) {
  private static final int DIGITS = 5;

  /**
   * What a value stands beside.
   *
   * @param name of the peer or the limit
   * @param value in the unit of the measurement
   */
  public record Beside(String name, double value) {
    /** Rounds the value. */
    public Beside {
      value = rounded(value);
    }
  }

  /** Checks and rounds. */
  public Measurement {
    if (runs < 1) {
      throw new IllegalArgumentException("a figure of " + runs + " runs");
    }
    value = rounded(value);
  }

  private static double rounded(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("a figure is finite, was " + value);
    }
    return new BigDecimal(value).round(new MathContext(DIGITS)).doubleValue();
  }
}
