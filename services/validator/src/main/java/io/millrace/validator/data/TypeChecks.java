// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static io.millrace.validator.data.Shares.percent;

import io.millrace.validator.data.TraitPlaces.Trait;
import java.util.Map;

/** Are the values of the type that they should be? */
final class TypeChecks {
  /** Share of values of a type that was never seen, from which the column counts as another one. */
  static final double NEW_TYPE_SHARE = 0.05;

  /** Share above the usual one of a type in a column of mixed types. */
  static final double MIXED_TYPE_MARGIN = 0.3;

  private TypeChecks() {}

  static void run(ColumnCase one) {
    Map<String, Long> composition = one.column().composition();
    notANumber(
        one, AnomalyKind.FLOAT_TYPE_HAS_NAN, Trait.NAN, composition.getOrDefault("nan", 0L), "nan");
    notANumber(
        one,
        AnomalyKind.FLOAT_TYPE_HAS_INF,
        Trait.INFINITE,
        composition.getOrDefault("+inf", 0L) + composition.getOrDefault("-inf", 0L),
        "+inf");
    if (one.expected().typeShares().isEmpty()) {
      return;
    }
    for (String type : new String[] {"number", "string", "boolean", "other"}) {
      long count = composition.getOrDefault(type, 0L);
      if (count > 0) {
        type(one, type, count);
      }
    }
    double fractional = one.column().numbers() - one.column().summary().integral();
    if (one.expected().type() == ColumnSchema.Type.INT && fractional > 0) {
      one.tell(
          false,
          AnomalyKind.UNEXPECTED_DATA_TYPE,
          (long) fractional + " numbers with a fraction",
          "whole numbers",
          "'" + one.name() + "' held whole numbers only so far",
          Findings.Rows.of(
              fractional / one.column().values(), one.marks().examples(Trait.FRACTION)));
    }
  }

  /**
   * A person's word comes first; without it what good spans never had is told, and is an error once
   * it is more than a few values.
   */
  private static void notANumber(
      ColumnCase one, AnomalyKind kind, Trait trait, long count, String type) {
    if (count == 0) {
      return;
    }
    Boolean disallowed =
        trait == Trait.NAN
            ? one.expected().rules().disallowNan()
            : one.expected().rules().disallowInf();
    Double usual = one.expected().typeShares().get(type);
    if (Boolean.FALSE.equals(disallowed) || (disallowed == null && usual != null)) {
      return;
    }
    double share = (double) count / one.column().values();
    one.tell(
        Boolean.TRUE.equals(disallowed)
            || Shares.atLeast(count, one.column().values()) > NEW_TYPE_SHARE,
        kind,
        percent(share) + " of the values",
        "finite numbers",
        "'" + one.name() + "' has values that are no finite number",
        Findings.Rows.of(share, one.marks().examples(trait)));
  }

  private static void type(ColumnCase one, String type, long count) {
    long values = one.column().values();
    Double usual = one.expected().typeShares().get(type);
    double limit = usual == null ? NEW_TYPE_SHARE : usual + MIXED_TYPE_MARGIN;
    boolean error = Shares.atLeast(count, values) > limit;
    if (!error && usual != null) {
      return;
    }
    double share = (double) count / values;
    one.tell(
        error,
        kind(one, type),
        percent(share) + " " + type + " values",
        one.expected().typeShares().toString(),
        "'" + one.name() + "' should be " + one.expected().type(),
        Findings.Rows.of(share, one.marks().examples(trait(type))));
  }

  private static Trait trait(String type) {
    return switch (type) {
      case "number" -> Trait.NUMBER;
      case "string" -> Trait.STRING;
      case "boolean" -> Trait.BOOLEAN;
      default -> Trait.OTHER;
    };
  }

  private static AnomalyKind kind(ColumnCase one, String found) {
    boolean string = found.equals("string");
    return switch (one.expected().type()) {
      case INT -> string ? AnomalyKind.INT_TYPE_NOT_INT_STRING : AnomalyKind.UNEXPECTED_DATA_TYPE;
      case FLOAT ->
          string ? AnomalyKind.FLOAT_TYPE_STRING_NOT_FLOAT : AnomalyKind.UNEXPECTED_DATA_TYPE;
      case BOOL ->
          string
              ? AnomalyKind.BOOL_TYPE_UNEXPECTED_STRING
              : found.equals("number") ? numberForBool(one) : AnomalyKind.UNEXPECTED_DATA_TYPE;
      default -> AnomalyKind.UNEXPECTED_DATA_TYPE;
    };
  }

  private static AnomalyKind numberForBool(ColumnCase one) {
    if (one.column().summary().integral() < one.column().numbers()) {
      return AnomalyKind.BOOL_TYPE_UNEXPECTED_FLOAT;
    }
    if (one.column().max() > 1) {
      return AnomalyKind.BOOL_TYPE_BIG_INT;
    }
    return one.column().min() < 0
        ? AnomalyKind.BOOL_TYPE_SMALL_INT
        : AnomalyKind.UNEXPECTED_DATA_TYPE;
  }
}
