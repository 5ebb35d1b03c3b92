// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import dev.cel.common.ast.CelExpr;
import io.millrace.features.definition.FieldType;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Functions on timestamps, numbered as CEL numbers them (Sunday is 0, January is 0). */
final class TimeFunctions {
  private TimeFunctions() {}

  static @Nullable Node call(Checker checker, CelExpr tree, String name, List<Node> args) {
    ToLongFunction<ZonedDateTime> part =
        switch (name) {
          case "getFullYear" -> ZonedDateTime::getYear;
          case "getMonth" -> t -> t.getMonthValue() - 1;
          case "getDate" -> ZonedDateTime::getDayOfMonth;
          case "getDayOfMonth" -> t -> t.getDayOfMonth() - 1;
          case "getDayOfYear" -> t -> t.getDayOfYear() - 1;
          case "getDayOfWeek" -> t -> t.getDayOfWeek().getValue() % 7;
          case "getHours" -> ZonedDateTime::getHour;
          case "getMinutes" -> ZonedDateTime::getMinute;
          case "getSeconds" -> ZonedDateTime::getSecond;
          case "getMilliseconds" -> t -> t.getNano() / 1_000_000;
          default -> null;
        };
    if (part == null) {
      return null;
    }
    if (args.isEmpty() || args.size() > 2 || args.get(0).type != FieldType.TIMESTAMP) {
      throw checker.problem(tree, "write timestamp." + name + "() or ." + name + "('Zone/City')");
    }
    ZoneId zone = args.size() == 1 ? ZoneOffset.UTC : zone(checker, tree, args.get(1));
    Node time = args.get(0);
    return new Node.Whole(
        FieldType.INTEGER, name + "(" + time.canonical + ",\"" + zone.getId() + "\")") {
      @Override
      long integer(Map<String, ?> row) {
        long millis = time.integer(row);
        return millis == NO_INTEGER
            ? NO_INTEGER
            : part.applyAsLong(Instant.ofEpochMilli(millis).atZone(zone));
      }
    };
  }

  static Node timestamp(Checker checker, CelExpr tree, Node a) {
    String text = Functions.constantText(a);
    if (text != null) {
      try {
        return Constants.whole(FieldType.TIMESTAMP, Instant.parse(text).toEpochMilli());
      } catch (DateTimeException | ArithmeticException e) {
        throw checker.problem(tree, "timestamp() needs a form such as '2026-01-31T12:00:00Z'");
      }
    }
    if (a.type == FieldType.TIMESTAMP) {
      return a;
    }
    if (a.type != FieldType.INTEGER) {
      throw checker.problem(tree, "timestamp() needs a literal string or INTEGER seconds");
    }
    return new Node.Whole(FieldType.TIMESTAMP, "timestamp(" + a.canonical + ")") {
      @Override
      long integer(Map<String, ?> row) {
        long seconds = a.integer(row);
        boolean fits = Math.abs(seconds) <= Long.MAX_VALUE / 1000 && seconds != NO_INTEGER;
        return fits ? seconds * 1000 : NO_INTEGER;
      }
    };
  }

  private static ZoneId zone(Checker checker, CelExpr tree, Node node) {
    String text = Functions.constantText(node);
    if (text == null) {
      throw checker.problem(tree, "the zone must be a literal string");
    }
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw checker.problem(tree, "unknown zone '" + text + "'");
    }
  }
}
