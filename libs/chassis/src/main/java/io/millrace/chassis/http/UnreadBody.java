// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.MismatchedInputException;

/** What is wrong with a JSON body that did not become a request, in the words of its sender. */
final class UnreadBody {
  private UnreadBody() {}

  /** Where and what; null where the cause is no such thing. */
  static @Nullable Violation violation(Throwable cause) {
    return switch (cause) {
      case MismatchedInputException mismatch ->
          new Violation(path(mismatch), "type", "is not " + form(mismatch.getTargetType()));
      case JacksonException malformed ->
          new Violation(place(malformed), "malformed", "not JSON: " + firstLine(malformed));
      default -> null;
    };
  }

  private static String path(JacksonException e) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference each : e.getPath()) {
      if (each.getPropertyName() == null) {
        path.append('[').append(each.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(each.getPropertyName());
      }
    }
    return path.toString();
  }

  /** The values of a Java type, in words that end "is not …". */
  static String form(@Nullable Class<?> type) {
    if (type == null) {
      return "of the form that is needed here";
    }
    if (Collection.class.isAssignableFrom(type) || type.isArray()) {
      return "a list";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (type == Long.class || type == long.class || type == Integer.class || type == int.class) {
      return "a whole number";
    }
    if (Number.class.isAssignableFrom(type) || type == double.class) {
      return "a number";
    }
    if (type == String.class) {
      return "a text";
    }
    return Map.class.isAssignableFrom(type) || type.isRecord()
        ? "an object"
        : "of the form that is needed here";
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null
        ? ""
        : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
  }

  private static String firstLine(JacksonException e) {
    return String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("malformed");
  }
}
