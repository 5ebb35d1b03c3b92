// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import java.util.List;
import java.util.Map;

/** Reads the JSON Schema of one event field. */
final class EventFields {
  private EventFields() {}

  /** The declared types other than null; empty where the field may be anything. */
  static List<String> types(Map<?, ?> property) {
    Object type = property.get("type");
    List<?> all = type instanceof List<?> list ? list : type == null ? List.of() : List.of(type);
    return all.stream().map(String::valueOf).filter(each -> !each.equals("null")).toList();
  }
}
