// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How accepted events are judged before anything is trained on them.
 *
 * @param span length of a span in event time ({@code 1d} default, {@code 2h}) or rows ({@code 5000
 *     rows})
 * @param rules name → CEL condition over an event's fields that every row must satisfy
 * @param violationShare share of rows that may break a rule; default 0.01
 */
public record ValidationDefinition(
    @Nullable String span, Map<String, String> rules, @Nullable Double violationShare) {
  public ValidationDefinition {
    rules = Frozen.map(rules);
  }
}
