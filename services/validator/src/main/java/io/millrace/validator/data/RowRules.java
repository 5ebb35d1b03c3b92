// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.definition.ValidationDefinition;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.ExpressionException;
import io.millrace.features.expression.Expressions;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of an application that concern one kind of event: those whose fields the event has. A
 * row on which a rule is undefined, because a field is missing, does not break it: presence is
 * judged apart. Immutable.
 */
public final class RowRules {
  private static final double DEFAULT_VIOLATION_SHARE = 0.01;

  private final Map<String, Compiled> rules;
  private final List<String> names;
  private final double violationShare;

  private RowRules(Map<String, Compiled> rules, double violationShare) {
    this.rules = Collections.unmodifiableMap(rules);
    this.names = List.copyOf(rules.keySet());
    this.violationShare = violationShare;
  }

  /** Compiles what applies to the event. */
  public static RowRules of(@Nullable ValidationDefinition validation, EventSchema schema) {
    Map<String, Compiled> applicable = new LinkedHashMap<>();
    if (validation == null) {
      return new RowRules(applicable, DEFAULT_VIOLATION_SHARE);
    }
    validation
        .rules()
        .forEach(
            (name, cel) -> {
              Compiled rule = compileOrNull(cel, schema);
              if (rule != null) {
                applicable.put(name, rule);
              }
            });
    Double share = validation.violationShare();
    return new RowRules(applicable, share == null ? DEFAULT_VIOLATION_SHARE : share);
  }

  /** A rule that names a field of another event does not concern this one. */
  private static @Nullable Compiled compileOrNull(String cel, EventSchema schema) {
    try {
      return Expressions.compile(cel, schema);
    } catch (ExpressionException notOfThisEvent) {
      return null;
    }
  }

  /** Names in declaration order. */
  public List<String> names() {
    return names;
  }

  /** The rule as written. */
  public String source(String name) {
    Compiled rule = rules.get(name);
    return rule == null ? "" : rule.source();
  }

  /** Share of rows that may break a rule. */
  public double violationShare() {
    return violationShare;
  }

  /** True, false, or null where the row does not say. */
  @Nullable Boolean holds(String name, Map<String, ?> row) {
    Compiled rule = rules.get(name);
    return (rule != null && rule.evaluate(row) instanceof Boolean holds) ? holds : null;
  }
}
