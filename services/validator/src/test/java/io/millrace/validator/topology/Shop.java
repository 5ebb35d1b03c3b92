// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import java.util.HashMap;
import java.util.Map;

/** An application for tests and its events. */
final class Shop {
  private Shop() {}

  static ApplicationDefinition definition(String app, String span) {
    return definition(app, span, "");
  }

  /** With overrides, as JSON. */
  static ApplicationDefinition definition(String app, String span, String overrides) {
    return definition(app, span, overrides, "");
  }

  /** With more about validation, as JSON that ends with a comma. */
  static ApplicationDefinition definition(String app, String span, String overrides, String more) {
    return Json.mapper()
        .readValue(
            """
            {"apiVersion": "millrace/v1", "kind": "Application",
             "metadata": {"name": "%s"},
             "events": {
               "view": {"time": {"field": "at", "format": "epoch_ms"}, "allowedLateness": "30m",
                        "schema": {"infer": true}, "personal": {}},
               "buy": {"time": {"field": "at", "format": "epoch_ms"}, "schema": {"infer": true}}},
             "entities": {"user": {"key": "user"}},
             "featureViews": {},
             "validation": {"span": "%s", %s "rules": {"sane": "price < 100000.0"},
                            "overrides": [%s]}}
            """
                .formatted(app, span, more, overrides),
            ApplicationDefinition.class);
  }

  /** A view whose content follows from its number. */
  static Event view(String app, long number, long timeMs) {
    Map<String, Object> data = new HashMap<>();
    data.put("user", "u" + number % 97);
    data.put("price", 1 + number * 7919 % 1000 / 10.0);
    data.put("kind", "k" + number % 4);
    data.put("at", timeMs);
    return new Event(app, "view", "v" + number, "u" + number % 97, timeMs, timeMs, data);
  }

  static Event with(Event event, String field, Object value) {
    Map<String, Object> data = new HashMap<>(event.data());
    data.put(field, value);
    return with(event, data);
  }

  static Event without(Event event, String field) {
    Map<String, Object> data = new HashMap<>(event.data());
    data.remove(field);
    return with(event, data);
  }

  /** With other data. */
  static Event with(Event event, Map<String, Object> data) {
    return new Event(
        event.app(),
        event.name(),
        event.id(),
        event.key(),
        event.eventTimeMs(),
        event.knownAtMs(),
        data);
  }
}
