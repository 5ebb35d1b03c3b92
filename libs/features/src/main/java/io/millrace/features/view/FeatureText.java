// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.List;
import java.util.Map;

/**
 * Feature values that are no numbers, as one text: a text as it is, lists and maps as JSON, so that
 * they can be read back whatever their texts contain. The same value has the same text in a dataset
 * and at serving: numbers in it are doubles, maps keep their order. Thread-safe.
 */
public final class FeatureText {
  private static final char FIRST_PRINTABLE = ' ';

  private FeatureText() {}

  /**
   * The text.
   *
   * @param value a feature's value: a text, a number, a truth, or a list or map of such
   */
  public static String of(Object value) {
    if (!(value instanceof List<?>) && !(value instanceof Map<?, ?>)) {
      return value.toString();
    }
    StringBuilder json = new StringBuilder();
    append(json, value);
    return json.toString();
  }

  private static void append(StringBuilder json, Object value) {
    switch (value) {
      case List<?> list -> {
        json.append('[');
        String comma = "";
        for (Object each : list) {
          json.append(comma);
          append(json, each);
          comma = ",";
        }
        json.append(']');
      }
      case Map<?, ?> map -> {
        json.append('{');
        String comma = "";
        for (Map.Entry<?, ?> each : map.entrySet()) {
          json.append(comma);
          quote(json, String.valueOf(each.getKey()));
          json.append(':');
          append(json, each.getValue());
          comma = ",";
        }
        json.append('}');
      }
      case Number number -> json.append(number.doubleValue());
      case Boolean truth -> json.append(truth);
      default -> quote(json, value.toString());
    }
  }

  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char at = text.charAt(i);
      if (at == '"' || at == '\\') {
        json.append('\\').append(at);
      } else if (at < FIRST_PRINTABLE) {
        json.append("\\u%04x".formatted((int) at));
      } else {
        json.append(at);
      }
    }
    json.append('"');
  }
}
