// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The distinct expressions of a view, and their values for one event. */
final class Inputs {
  final double[] numbers;
  final @Nullable Object[] objects;
  final boolean[] conditions;

  /** What gave nothing for the event, although it has the fields for it; hardly ever any. */
  private List<Compiled> undefined = List.of();

  /** The expressions; immutable and shared by all states of a plan. */
  record Expressions(List<Compiled> numbers, List<Compiled> objects, List<Compiled> conditions) {
    Expressions {
      numbers = List.copyOf(numbers);
      objects = List.copyOf(objects);
      conditions = List.copyOf(conditions);
    }
  }

  /** Collects expressions while a plan is compiled; equal ones share a slot. */
  static final class Registry {
    private final List<Compiled> numbers = new ArrayList<>();
    private final List<Compiled> objects = new ArrayList<>();
    private final List<Compiled> conditions = new ArrayList<>();

    int number(Compiled expression) {
      return slot(numbers, expression);
    }

    int object(Compiled expression) {
      return slot(objects, expression);
    }

    int condition(Compiled expression) {
      return slot(conditions, expression);
    }

    Expressions freeze() {
      return new Expressions(numbers, objects, conditions);
    }

    private static int slot(List<Compiled> list, Compiled expression) {
      for (int i = 0; i < list.size(); i++) {
        if (list.get(i).canonical().equals(expression.canonical())) {
          return i;
        }
      }
      list.add(expression);
      return list.size() - 1;
    }
  }

  Inputs(Expressions expressions) {
    numbers = new double[expressions.numbers().size()];
    objects = new Object[expressions.objects().size()];
    conditions = new boolean[expressions.conditions().size()];
  }

  void load(Expressions expressions, Map<String, ?> fields) {
    for (int i = 0; i < conditions.length; i++) {
      conditions[i] = isTrue(expressions.conditions().get(i), fields);
    }
    for (int i = 0; i < numbers.length; i++) {
      Compiled expression = expressions.numbers().get(i);
      double number = expression.asDouble(fields);
      if (Double.isNaN(number)) {
        missing(expression, fields);
      }
      numbers[i] = number;
    }
    for (int i = 0; i < objects.length; i++) {
      Compiled expression = expressions.objects().get(i);
      Object value =
          expression.resultType() == FieldType.STRING
              ? expression.asText(fields)
              : expression.evaluate(fields);
      if (value == null) {
        missing(expression, fields);
      }
      objects[i] = value instanceof String text ? KeptText.value(text) : value;
    }
  }

  /** Whether a condition of the event is met; one that gives nothing is not. */
  boolean isTrue(Compiled condition, Map<String, ?> fields) {
    Boolean truth = condition.asTruth(fields);
    if (truth == null) {
      missing(condition, fields);
      return false;
    }
    return truth;
  }

  private void missing(Compiled expression, Map<String, ?> fields) {
    if (expression.hasAllFields(fields)) {
      if (undefined.isEmpty()) {
        undefined = new ArrayList<>(1);
      }
      undefined.add(expression);
    }
  }

  /** Before the next event. */
  void clear() {
    undefined = List.of();
  }

  /** What gave nothing since the last {@link #clear}, although the event has the fields for it. */
  List<Compiled> undefined() {
    return undefined;
  }

  boolean passes(int condition) {
    return condition < 0 || conditions[condition];
  }
}
