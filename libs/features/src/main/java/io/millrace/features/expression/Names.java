// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What an identifier may refer to. */
sealed interface Names {
  /** The node that reads a path such as {@code event.price}, or null if there is no such field. */
  @Nullable Node resolve(List<String> path);

  /** The name reported for a path that resolves. */
  String nameOf(List<String> path);

  /** Why a path does not resolve, for its author. */
  String unknown(List<String> path);

  /** Fields of one event; a path of several parts is a field name with dots. */
  record Fields(EventSchema schema) implements Names {
    private static final String ROW = "event";

    @Override
    public @Nullable Node resolve(List<String> path) {
      String name = nameOf(path);
      if (schema.has(name)) {
        return FieldNodes.plain(name, schema.typeOf(name));
      }
      return null;
    }

    @Override
    public String nameOf(List<String> path) {
      boolean whole = schema.fields().containsKey(String.join(".", path));
      if (!whole && path.size() > 1 && path.get(0).equals(ROW)) {
        return String.join(".", path.subList(1, path.size()));
      }
      return String.join(".", path);
    }

    @Override
    public String unknown(List<String> path) {
      return "unknown field '" + nameOf(path) + "'; " + known("fields", schema.fields().keySet());
    }
  }

  /**
   * {@code scope.field}.
   *
   * @param slots by which fields are found in a row; null for rows that are maps of maps
   */
  record Scoped(Map<String, EventSchema> scopes, @Nullable Slots slots) implements Names {
    @Override
    public @Nullable Node resolve(List<String> path) {
      EventSchema schema = scopes.get(path.get(0));
      if (schema == null || path.size() < 2) {
        return null;
      }
      String field = String.join(".", path.subList(1, path.size()));
      if (!schema.has(field)) {
        return null;
      }
      FieldType type = schema.typeOf(field);
      return slots == null
          ? FieldNodes.scoped(path.get(0), field, type)
          : FieldNodes.slotted(slots, nameOf(path), type);
    }

    @Override
    public String nameOf(List<String> path) {
      return String.join(".", path);
    }

    @Override
    public String unknown(List<String> path) {
      EventSchema schema = scopes.get(path.get(0));
      if (schema == null) {
        return "unknown name '"
            + String.join(".", path)
            + "'; write scope.field, "
            + known("scopes", scopes.keySet());
      }
      return "unknown field '"
          + String.join(".", path)
          + "'; "
          + known("fields of " + path.get(0), schema.fields().keySet());
    }
  }

  private static String known(String what, Collection<String> names) {
    return names.isEmpty() ? "there are no " + what : what + ": " + new TreeSet<>(names);
  }
}
