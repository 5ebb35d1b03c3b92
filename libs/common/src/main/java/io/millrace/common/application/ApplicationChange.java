// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EventDefinition;
import io.millrace.features.definition.FieldType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a new definition would break for events that were accepted under the old one. */
public final class ApplicationChange {
  private ApplicationChange() {}

  /**
   * The breaking changes, none where everything accepted so far keeps its meaning: an event or a
   * declared field is gone or has another type, an entity key, an event's record key, its id or its
   * event timestamp is taken from elsewhere, a personal field is treated differently.
   */
  public static List<DefinitionProblem> breaking(
      ApplicationDefinition before, ApplicationDefinition after) {
    Problems problems = new Problems();
    before
        .events()
        .forEach(
            (name, old) -> {
              EventDefinition now = after.events().get(name);
              if (now == null) {
                problems.add("events." + name, "removed", "the event is gone");
              } else {
                event("events." + name, old, now, problems);
                differs(
                    "events." + name + ".key",
                    "record-key",
                    before.primaryEntity(name),
                    after.primaryEntity(name),
                    problems);
              }
            });
    before
        .entities()
        .forEach(
            (name, old) -> {
              EntityDefinition now = after.entities().get(name);
              if (now == null) {
                problems.add("entities." + name, "removed", "the entity is gone");
              } else {
                String path = "entities." + name;
                differs(path + ".key", "entity-key", old.key(), now.key(), problems);
                differs(path + ".constant", "entity-key", old.constant(), now.constant(), problems);
              }
            });
    return problems.found();
  }

  private static void event(
      String path, EventDefinition old, EventDefinition now, Problems problems) {
    differs(path + ".time", "event-time", old.time(), now.time(), problems);
    differs(path + ".id", "id", old.id(), now.id(), problems);
    Map<String, FieldType> types = now.eventSchema().fields();
    old.eventSchema()
        .fields()
        .forEach(
            (field, type) -> {
              if (old.personal().containsKey(field)) {
                return;
              }
              String at = path + ".schema.properties." + field;
              FieldType nowType = types.get(field);
              if (nowType != null && !now.personal().containsKey(field)) {
                differs(at, "type", type, nowType, problems);
              } else if (nowType == null && !now.infers() && !now.personal().containsKey(field)) {
                problems.add(at, "removed", "the field is gone");
              }
            });
    Set<String> personal = new TreeSet<>(old.personal().keySet());
    personal.addAll(now.personal().keySet());
    for (String field : personal) {
      differs(
          path + ".personal." + field,
          "personal",
          old.personal().get(field),
          now.personal().get(field),
          problems);
    }
  }

  private static void differs(
      String path, String rule, @Nullable Object old, @Nullable Object now, Problems problems) {
    if (!Objects.equals(old, now)) {
      problems.add(path, rule, "was " + show(old) + ", would be " + show(now));
    }
  }

  private static String show(@Nullable Object value) {
    return value == null ? "absent" : value.toString();
  }
}
