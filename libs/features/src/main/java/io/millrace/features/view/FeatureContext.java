// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FieldType;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.Expressions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One feature while it is compiled: its checked parameters, and where its partials go. One use. */
final class FeatureContext {
  /** Categories of a feature that is split, unless its {@code n} says otherwise. */
  private static final int DEFAULT_CATEGORIES = 100;

  private static final int MAX_CATEGORIES = 1_000;

  private final PlanCompiler compiler;
  private final String path;
  private final FeatureDefinition feature;
  private final @Nullable Compiled by;
  private final List<Partial> partials = new ArrayList<>();

  /** Layout of the partials of each category, null if the feature is not split. */
  private final @Nullable Ring inner;

  final Aggregate aggregate;
  final @Nullable Compiled of;
  final Window window;
  final int condition;
  final int ring;
  final @Nullable Long halfLifeMs;

  FeatureContext(
      PlanCompiler compiler,
      String path,
      FeatureDefinition feature,
      Aggregate aggregate,
      @Nullable Compiled of,
      @Nullable Compiled by,
      @Nullable Compiled where,
      Window window,
      @Nullable Long halfLifeMs) {
    this.compiler = compiler;
    this.path = path;
    this.feature = feature;
    this.aggregate = aggregate;
    this.of = of;
    this.by = by;
    this.window = window;
    this.halfLifeMs = halfLifeMs;
    this.inner = by == null ? null : new Ring(new Grid.Lifetime(), -1);
    this.condition = where == null ? -1 : compiler.inputs().condition(where);
    // Last-N and session windows are made of the events that meet the condition.
    boolean own =
        window instanceof Window.LastEvents
            || window instanceof Window.Session
            || window instanceof Window.Exact;
    this.ring = compiler.ringOf(window, own ? condition : -1);
  }

  /** Checks what the aggregate takes and reports every problem; false if one was found. */
  boolean check() {
    int before = compiler.problemCount();
    checkOf();
    checkQ();
    checkN();
    String name = aggregate.canonicalName();
    if (halfLifeMs != null && !aggregate.takesHalfLife()) {
      compiler.problem(path + ".halfLife", "belongs to decayed aggregates only");
    } else if (feature.halfLife() == null && aggregate.takesHalfLife()) {
      compiler.problem(path + ".halfLife", name + " needs a halfLife, for example 6h");
    }
    if (by != null && !aggregate.isSplittable()) {
      compiler.problem(path + ".by", name + " is no number and cannot be split by category");
    }
    boolean hasNoLength = sliding() == null && !(window instanceof Window.Lifetime);
    if (aggregate == Aggregate.RATE && hasNoLength) {
      compiler.problem(
          path + ".window", "rate is events per second of a sliding window or of the lifetime");
    }
    return compiler.problemCount() == before;
  }

  private void checkOf() {
    String at = path + ".of";
    String name = aggregate.canonicalName();
    if (of == null) {
      if (aggregate.of() != Aggregate.Of.OPTIONAL) {
        compiler.problem(at, name + " needs 'of'");
      }
      return;
    }
    FieldType type = of.resultType();
    boolean isTruth = type == FieldType.BOOLEAN || type == FieldType.DYNAMIC;
    if (aggregate.of() == Aggregate.Of.NUMBER && type == FieldType.STRING) {
      compiler.problem(
          at,
          name
              + " needs a number, '"
              + feature.of()
              + "' is STRING; write double(…) if the text spells numbers");
    } else if (aggregate.of() == Aggregate.Of.CONDITION && !isTruth) {
      compiler.problem(at, name + " needs a condition, '" + feature.of() + "' is " + type);
    }
  }

  private void checkQ() {
    Double q = feature.q();
    boolean takesQ = aggregate == Aggregate.QUANTILE;
    if (q != null && !takesQ) {
      compiler.problem(path + ".q", "belongs to quantile only");
    } else if (takesQ && q == null) {
      compiler.problem(path + ".q", "quantile needs q, for example 0.9");
    } else if (q != null && !(q >= 0 && q <= 1)) {
      compiler.problem(path + ".q", "a quantile is 0 to 1, not " + q);
    }
  }

  private void checkN() {
    Integer n = feature.n();
    int most = aggregate.defaultN() > 0 ? aggregate.maxN() : by != null ? MAX_CATEGORIES : 0;
    if (n != null && most == 0) {
      compiler.problem(path + ".n", aggregate.canonicalName() + " takes no n");
    } else if (n != null && (n < 1 || n > most)) {
      compiler.problem(path + ".n", "n is 1 to " + most + ", not " + n);
    }
  }

  /** The window as a sliding one in tiles; null if it is another. */
  Window.@Nullable Sliding sliding() {
    return switch (window) {
      case Window.Sliding sliding -> sliding;
      case Window.Exact exact -> exact.inTiles();
      default -> null;
    };
  }

  /** The bound of lists, sets and categories of the aggregate itself. */
  int n() {
    Integer n = feature.n();
    return n == null || aggregate.defaultN() == 0 ? aggregate.defaultN() : n;
  }

  double q() {
    Double q = feature.q();
    return q == null ? 0.5 : q;
  }

  private int categories() {
    Integer n = feature.n();
    return n == null || aggregate.defaultN() > 0 ? DEFAULT_CATEGORIES : n;
  }

  /** Parameters with their defaults filled in, for the definition's hash. */
  String parameters() {
    String split = by == null ? "" : by.canonical() + "/" + categories();
    return n() + "," + (aggregate == Aggregate.QUANTILE ? q() : "") + "," + split;
  }

  /** The equal partial that exists already, or this one. */
  <P extends Partial> P share(P wanted) {
    if (inner != null) {
      return inner.share(wanted);
    }
    P shared = compiler.ring(ring).share(wanted);
    partials.add(shared);
    return shared;
  }

  /** The finaliser of the whole feature from that of one category. */
  Finaliser split(Finaliser finaliser) {
    if (by == null || inner == null) {
      return finaliser;
    }
    ByCategory categories =
        compiler
            .ring(ring)
            .share(
                new ByCategory(
                    inner,
                    categories(),
                    inner.describe(),
                    condition,
                    compiler.inputs().object(by)));
    partials.add(categories);
    return Finaliser.other((tiles, slot, asOf) -> categories.values(tiles, slot, finaliser, asOf));
  }

  boolean isSplit() {
    return by != null;
  }

  List<Partial> partials() {
    return partials;
  }

  Compiled value() {
    return Objects.requireNonNull(of);
  }

  int numberInput() {
    return compiler.inputs().number(value());
  }

  int objectInput() {
    return compiler.inputs().object(value());
  }

  /** The condition as a number: 1, 0 or missing. */
  int truthInput() {
    Compiled truth =
        value().resultType() == FieldType.BOOLEAN
            ? value()
            : Expressions.compile("(" + value().source() + ") ? true : false", compiler.schema());
    return compiler.inputs().number(truth);
  }

  /** The newest event that contributes to this feature, for its TTL. */
  EdgePartial newestContributor() {
    return edge(true);
  }

  /** Whether the value is kept as it is rather than as a number. */
  boolean isObject() {
    FieldType type = value().resultType();
    return type == FieldType.STRING || type == FieldType.DYNAMIC;
  }

  /** The first or last event, or value that is not missing. */
  EdgePartial edge(boolean last) {
    if (of == null) {
      return new EdgePartial(last, EdgePartial.Of.TIME, condition, -1);
    }
    return isObject()
        ? new EdgePartial(last, EdgePartial.Of.OBJECT, condition, objectInput())
        : new EdgePartial(last, EdgePartial.Of.NUMBER, condition, numberInput());
  }
}
