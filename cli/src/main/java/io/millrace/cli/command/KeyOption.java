// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.common.definition.EntityKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A key of several fields as people write it: {@code store=7,basket_id=12}, in any order. A comma
 * starts the next field only where one of the key's field names and an equals sign follow, so that
 * values may have commas.
 */
final class KeyOption {
  private KeyOption() {}

  /**
   * The text of the key.
   *
   * @param fields of the key, in order
   * @throws IllegalArgumentException saying what is missing or twice
   */
  static String text(List<String> fields, String written) {
    Map<String, String> parts = new HashMap<>();
    int at = 0;
    while (at < written.length()) {
      String field = fieldAt(fields, written, at);
      if (field == null) {
        throw new IllegalArgumentException(
            "'" + written + "' does not name the fields; write " + example(fields));
      }
      int start = at + field.length() + 1;
      int end = start;
      while (end < written.length()
          && !(written.charAt(end) == ',' && fieldAt(fields, written, end + 1) != null)) {
        end++;
      }
      if (parts.put(field, written.substring(start, end)) != null) {
        throw new IllegalArgumentException(field + " is there twice");
      }
      at = end + 1;
    }
    List<String> ordered = new ArrayList<>();
    for (String field : fields) {
      String part = parts.get(field);
      if (part == null || part.isBlank()) {
        throw new IllegalArgumentException(field + " is missing; write " + example(fields));
      }
      ordered.add(part);
    }
    return EntityKey.join(ordered);
  }

  private static @Nullable String fieldAt(List<String> fields, String written, int at) {
    for (String field : fields) {
      if (written.startsWith(field + "=", at)) {
        return field;
      }
    }
    return null;
  }

  private static String example(List<String> fields) {
    return String.join("=…,", fields) + "=…";
  }
}
