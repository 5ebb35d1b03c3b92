// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import io.millrace.common.definition.EventTimes;
import io.millrace.common.definition.TimeDefinition;
import io.millrace.features.definition.FieldType;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Type and constraints of one field, compiled from its JSON Schema. Immutable and thread-safe.
 * Messages quote a value only where the field is not personal.
 */
final class FieldRule {
  private static final int QUOTED_MAX = 40;
  private static final EventTimes RFC_3339 =
      new EventTimes(new TimeDefinition("", "iso", null, null));

  private final String name;
  private final FieldType type;
  private final boolean keepsText;
  private final boolean quotes;
  private final @Nullable Double minimum;
  private final @Nullable Double maximum;
  private final @Nullable Double above;
  private final @Nullable Double below;
  private final @Nullable Integer minLength;
  private final @Nullable Integer maxLength;
  private final @Nullable Predicate<String> pattern;
  private final String patternText;
  private final @Nullable Set<Object> allowed;

  /**
   * @param type declared type before a personal field became a string
   * @param keepsText whether text that looks like a number stays text where no type is declared
   * @param personal whether messages must not quote the value
   * @param schema JSON Schema of the field
   */
  FieldRule(
      String name,
      FieldType type,
      boolean keepsText,
      boolean personal,
      Map<?, ?> schema,
      Function<String, Predicate<String>> patterns) {
    this.name = name;
    this.type = type;
    this.keepsText = keepsText;
    this.quotes = !personal;
    this.minimum = number(schema.get("minimum"));
    this.maximum = number(schema.get("maximum"));
    this.above = number(schema.get("exclusiveMinimum"));
    this.below = number(schema.get("exclusiveMaximum"));
    this.minLength = integer(schema.get("minLength"));
    this.maxLength = integer(schema.get("maxLength"));
    this.patternText = String.valueOf(schema.get("pattern"));
    this.pattern = schema.get("pattern") instanceof String text ? patterns.apply(text) : null;
    this.allowed = schema.get("enum") instanceof List<?> list ? values(list) : null;
  }

  /**
   * The canonical value; null where it is missing.
   *
   * @throws Refusal where type or a constraint is broken
   */
  @Nullable Object canonical(@Nullable Object raw, boolean textual) {
    if (raw == null || (textual && raw.equals(""))) {
      return null;
    }
    Object value = textual ? typedText((String) raw) : typed(raw);
    if (value instanceof Double number && !Double.isFinite(number)) {
      throw new Refusal("not-finite", name, "is not a finite number");
    }
    if (value != null) {
      check(value);
    }
    return value;
  }

  private @Nullable Object typedText(String text) {
    return switch (type) {
      case STRING -> text;
      case INTEGER -> integer(numberOf(text.trim()), text);
      case NUMBER -> toDouble(numberOf(text.trim()), text);
      case BOOLEAN ->
          switch (text.trim().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrongType("true or false", text);
          };
      case TIMESTAMP -> timestamp(text);
      case DYNAMIC -> {
        Object number = keepsText ? null : PlainNumbers.parseCanonical(text);
        yield number == null
            ? (keepsText ? PlainNumbers.withoutEmptyFraction(text) : text)
            : number;
      }
    };
  }

  private @Nullable Object numberOf(String text) {
    if (PlainNumbers.isNotFinite(text)) {
      throw new Refusal("not-finite", name, "is not a finite number");
    }
    return PlainNumbers.parse(text);
  }

  private Object typed(Object raw) {
    if (raw instanceof RawRow.Unplain unplain) {
      throw switch (unplain) {
        case OBJECT -> new Refusal("type", name, "is an object; events are flat");
        case ARRAY -> new Refusal("type", name, "is an array; events are flat");
        case TOO_BIG -> new Refusal("not-finite", name, "is a number too big to hold");
      };
    }
    return switch (type) {
      case STRING -> raw instanceof String ? raw : wrong("a string", raw);
      case INTEGER -> integer(raw, raw);
      case NUMBER -> toDouble(raw, raw);
      case BOOLEAN -> raw instanceof Boolean ? raw : wrong("true or false", raw);
      case TIMESTAMP -> timestamp(raw);
      case DYNAMIC ->
          keepsText && raw instanceof String text ? PlainNumbers.withoutEmptyFraction(text) : raw;
    };
  }

  private Long integer(@Nullable Object number, Object raw) {
    return switch (number) {
      case Long each -> each;
      case Double each when each == Math.rint(each) && Math.abs(each) < 9e15 ->
          Long.valueOf(each.longValue());
      case null, default -> throw wrongType("an integer", raw);
    };
  }

  private Double toDouble(@Nullable Object number, Object raw) {
    return switch (number) {
      case Long each -> Double.valueOf(each.doubleValue());
      case Double each -> each;
      case null, default -> throw wrongType("a number", raw);
    };
  }

  private Long timestamp(Object raw) {
    try {
      return RFC_3339.of(raw);
    } catch (IllegalArgumentException e) {
      throw wrongType("an RFC 3339 timestamp", raw);
    }
  }

  private void check(Object value) {
    if (value instanceof Number number && type != FieldType.TIMESTAMP) {
      double each = number.doubleValue();
      bound(minimum == null || each >= minimum, value, "at least", minimum);
      bound(maximum == null || each <= maximum, value, "at most", maximum);
      bound(above == null || each > above, value, "greater than", above);
      bound(below == null || each < below, value, "less than", below);
    }
    if (value instanceof String text) {
      int length =
          minLength == null && maxLength == null ? 0 : text.codePointCount(0, text.length());
      bound(minLength == null || length >= minLength, value, "of length at least", minLength);
      bound(maxLength == null || length <= maxLength, value, "of length at most", maxLength);
      if (pattern != null && !pattern.test(text)) {
        throw new Refusal("pattern", name, quoted(value) + "does not match " + patternText);
      }
    }
    if (allowed != null && !allowed.contains(comparable(value))) {
      throw new Refusal("enum", name, quoted(value) + "is not one of the allowed values");
    }
  }

  private void bound(boolean kept, Object value, String relation, @Nullable Number limit) {
    if (!kept) {
      throw new Refusal("range", name, quoted(value) + "is not " + relation + " " + limit);
    }
  }

  private Object wrong(String expected, Object raw) {
    throw wrongType(expected, raw);
  }

  private Refusal wrongType(String expected, Object raw) {
    return new Refusal("type", name, quoted(raw) + "is not " + expected);
  }

  private String quoted(Object value) {
    if (!quotes) {
      return "";
    }
    String text = value.toString();
    return "'" + (text.length() > QUOTED_MAX ? text.substring(0, QUOTED_MAX) + "…" : text) + "' ";
  }

  private static @Nullable Double number(@Nullable Object value) {
    return value instanceof Number number ? (Double) number.doubleValue() : null;
  }

  private static @Nullable Integer integer(@Nullable Object value) {
    return value instanceof Number number ? (Integer) number.intValue() : null;
  }

  private static Set<Object> values(List<?> list) {
    Set<Object> values = new HashSet<>();
    for (Object each : list) {
      if (each != null) {
        values.add(comparable(each));
      }
    }
    return values;
  }

  /** 1 and 1.0 are one value. */
  private static Object comparable(Object value) {
    return value instanceof Number number ? (Object) number.doubleValue() : value;
  }
}
