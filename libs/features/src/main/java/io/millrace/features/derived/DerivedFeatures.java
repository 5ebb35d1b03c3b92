// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.derived;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.ExpressionException;
import io.millrace.features.expression.Expressions;
import io.millrace.features.expression.Slots;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Features computed on demand: each is a CEL expression over features ({@code view.feature}),
 * request fields ({@code event.field}) and other derived features ({@code derived.name}). The
 * dataset and the online answer evaluate the same compiled expressions, so that a model sees in
 * training what it sees when it serves. Immutable and thread-safe.
 */
public final class DerivedFeatures {
  /** Scope of the names, as in {@code derived.click_rate}. */
  public static final String SCOPE = "derived";

  /** Without any. */
  public static final DerivedFeatures NONE =
      new DerivedFeatures(Map.of(), new TreeMap<>(), new Slots());

  private final Map<String, Compiled> compiled;
  private final Map<String, FieldType> reads;
  private final Slots slots;

  /** What is asked for to compute a row: names with their scope. */
  private final Input[] inputs;

  /** What is computed of that, each after those that it reads. */
  private final Step[] steps;

  private record Input(String name, int slot) {}

  /**
   * @param slot where others read it; negative where none does
   */
  private record Step(String name, Compiled expression, int slot) {}

  /**
   * Derived features as data: what a model package keeps, so that a version is served with the
   * expressions that it was trained with.
   *
   * @param expressions name → CEL, each after those that it reads
   * @param reads name of a feature or field that is read, with its scope → type
   */
  public record Definition(Map<String, String> expressions, Map<String, FieldType> reads) {
    public Definition {
      expressions = Collections.unmodifiableMap(new LinkedHashMap<>(expressions));
      reads = Collections.unmodifiableMap(new TreeMap<>(reads));
    }
  }

  private DerivedFeatures(
      Map<String, Compiled> compiled, Map<String, FieldType> reads, Slots slots) {
    this.compiled = compiled;
    this.reads = reads;
    this.slots = slots;
    this.inputs =
        reads.keySet().stream()
            .map(name -> new Input(name, slots.numberOf(name)))
            .toArray(Input[]::new);
    this.steps =
        compiled.entrySet().stream()
            .map(
                each ->
                    new Step(
                        each.getKey(),
                        each.getValue(),
                        slots.numberOf(SCOPE + "." + each.getKey())))
            .toArray(Step[]::new);
  }

  /**
   * Compiles expressions, in whatever order they are given.
   *
   * @param expressions name → CEL
   * @param scopes what the expressions may read: scope → its fields
   * @throws InvalidException with every expression that is wrong or reads itself
   */
  public static DerivedFeatures compile(
      Map<String, String> expressions, Map<String, EventSchema> scopes) {
    Slots slots = new Slots();
    Map<String, Compiled> done = new LinkedHashMap<>();
    Map<String, String> left = new LinkedHashMap<>(expressions);
    Map<String, String> problems = new TreeMap<>();
    boolean progress = true;
    while (progress && !left.isEmpty()) {
      progress = false;
      problems.clear();
      for (Map.Entry<String, String> each : Map.copyOf(left).entrySet()) {
        try {
          Compiled one = Expressions.compile(each.getValue(), with(scopes, known(done)), slots);
          if (one.resultType() == FieldType.DYNAMIC) {
            problems.put(each.getKey(), "has no type; write double(...) or string(...) around it");
            continue;
          }
          done.put(each.getKey(), one);
          left.remove(each.getKey());
          progress = true;
        } catch (ExpressionException e) {
          problems.put(each.getKey(), String.valueOf(e.getMessage()));
        }
      }
    }
    if (!left.isEmpty()) {
      for (Map.Entry<String, String> each : left.entrySet()) {
        if (readsUnfinished(each.getValue(), scopes, done, left.keySet())) {
          problems.put(
              each.getKey(),
              "is part of a cycle, or reads one that is wrong; unfinished are " + left.keySet());
        }
      }
      throw new InvalidException(problems);
    }
    Map<String, Compiled> ordered = inOrder(expressions.keySet(), done);
    return new DerivedFeatures(ordered, reads(ordered, name -> typeOf(name, scopes)), slots);
  }

  /** What some expressions read of others than each other. */
  private static Map<String, FieldType> reads(
      Map<String, Compiled> compiled, Function<String, FieldType> typeOf) {
    Map<String, FieldType> reads = new TreeMap<>();
    compiled.values().stream()
        .flatMap(one -> one.fields().stream())
        .filter(name -> !scope(name).equals(SCOPE))
        .forEach(name -> reads.put(name, typeOf.apply(name)));
    return reads;
  }

  /** Compiles what a package keeps. */
  public static DerivedFeatures of(Definition definition) {
    Map<String, Map<String, FieldType>> fields = new HashMap<>();
    definition
        .reads()
        .forEach(
            (name, type) ->
                fields
                    .computeIfAbsent(scope(name), absent -> new LinkedHashMap<>())
                    .put(field(name), type));
    Map<String, EventSchema> scopes = new HashMap<>();
    fields.forEach((scope, types) -> scopes.put(scope, new EventSchema(types, false)));
    return compile(definition.expressions(), scopes);
  }

  /** Whether an expression is right but for its reading one that is left. */
  private static boolean readsUnfinished(
      String cel, Map<String, EventSchema> scopes, Map<String, Compiled> done, Set<String> left) {
    Map<String, FieldType> fields = known(done);
    left.forEach(name -> fields.put(name, FieldType.DYNAMIC));
    try {
      return Expressions.compile(cel, with(scopes, fields)).fields().stream()
          .anyMatch(name -> scope(name).equals(SCOPE) && left.contains(field(name)));
    } catch (ExpressionException e) {
      return false;
    }
  }

  /** Each after those that it reads; else as given. */
  private static Map<String, Compiled> inOrder(Set<String> given, Map<String, Compiled> done) {
    Map<String, Compiled> order = new LinkedHashMap<>();
    given.forEach(name -> place(name, done, order));
    return order;
  }

  private static void place(String name, Map<String, Compiled> done, Map<String, Compiled> order) {
    Compiled one = done.get(name);
    if (one == null || order.containsKey(name)) {
      return;
    }
    for (String read : new TreeSet<>(one.fields())) {
      if (scope(read).equals(SCOPE)) {
        place(field(read), done, order);
      }
    }
    order.put(name, one);
  }

  private static Map<String, FieldType> known(Map<String, Compiled> done) {
    Map<String, FieldType> known = new LinkedHashMap<>();
    done.forEach((name, one) -> known.put(name, one.resultType()));
    return known;
  }

  private static Map<String, EventSchema> with(
      Map<String, EventSchema> scopes, Map<String, FieldType> derived) {
    Map<String, EventSchema> all = new HashMap<>(scopes);
    all.put(SCOPE, new EventSchema(derived, false));
    return all;
  }

  private static FieldType typeOf(String name, Map<String, EventSchema> scopes) {
    EventSchema schema = scopes.get(scope(name));
    if (schema == null) {
      throw new IllegalStateException("a field of no scope: " + name);
    }
    return schema.typeOf(field(name));
  }

  private static String scope(String name) {
    return name.substring(0, name.indexOf('.'));
  }

  private static String field(String name) {
    return name.substring(name.indexOf('.') + 1);
  }

  /**
   * Those that some inputs need, and no others.
   *
   * @param inputs names with their scope; others than {@code derived.name} are ignored
   */
  public DerivedFeatures neededBy(Collection<String> inputs) {
    Map<String, Compiled> needed = new LinkedHashMap<>();
    for (String input : inputs) {
      if (scope(input).equals(SCOPE)) {
        place(field(input), compiled, needed);
      }
    }
    return new DerivedFeatures(
        needed, reads(needed, name -> Objects.requireNonNull(reads.get(name), name)), slots);
  }

  /** Names without scope, each after those that it reads. */
  public Set<String> names() {
    return Collections.unmodifiableSet(compiled.keySet());
  }

  /** The features and fields that are read, with their scope. */
  public Set<String> reads() {
    return Collections.unmodifiableSet(reads.keySet());
  }

  /** The type of a derived feature's values; the name is without scope. */
  public FieldType typeOf(String name) {
    Compiled one = compiled.get(name);
    if (one == null) {
      throw new IllegalArgumentException("there is no derived feature '" + name + "'");
    }
    return one.resultType();
  }

  /** The derived features as a scope of their own, for expressions that read them. */
  public EventSchema schema() {
    return new EventSchema(known(compiled), false);
  }

  /** As data. */
  public Definition definition() {
    Map<String, String> expressions = new LinkedHashMap<>();
    compiled.forEach((name, one) -> expressions.put(name, one.source()));
    return new Definition(expressions, reads);
  }

  /**
   * Computes one row: nothing is looked up by name but what is given and what is answered.
   *
   * @param given value of a feature or field by its name with scope; null where missing
   * @return name without scope → String, Long, finite Double or Boolean; absent where missing
   */
  public Map<String, Object> evaluate(Function<String, @Nullable Object> given) {
    return evaluate(given, name -> {});
  }

  /**
   * As {@link #evaluate(Function)}, and tells which came to nothing although nothing that they read
   * is missing: they divided by zero, or to a number that no double holds.
   *
   * @param undefined takes their names without scope
   */
  public Map<String, Object> evaluate(
      Function<String, @Nullable Object> given, Consumer<String> undefined) {
    Slots.Row row = slots.newRow();
    for (Input input : inputs) {
      row.set(input.slot(), given.apply(input.name()));
    }
    Map<String, Object> values = HashMap.newHashMap(steps.length);
    for (Step step : steps) {
      Object value = step.expression().evaluate(row);
      if (value != null) {
        values.put(step.name(), value);
      } else if (step.expression().hasAllFields(row)) {
        undefined.accept(step.name());
      }
      if (step.slot() >= 0) {
        row.set(step.slot(), value);
      }
    }
    return values;
  }

  /** Expressions that cannot be compiled. */
  public static final class InvalidException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private final transient Map<String, String> problems;

    InvalidException(Map<String, String> problems) {
      super("derived features: " + problems);
      this.problems = new TreeMap<>(problems);
    }

    /** Name → what is wrong. */
    public Map<String, String> problems() {
      return Collections.unmodifiableMap(problems);
    }
  }
}
