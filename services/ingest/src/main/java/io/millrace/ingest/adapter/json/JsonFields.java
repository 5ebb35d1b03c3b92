// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.json;

import io.millrace.ingest.intake.RawRow;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** A JSON object as the fields of a row. */
final class JsonFields {
  private JsonFields() {}

  /** Reads the object that the parser has just entered, to its end. */
  static Map<String, @Nullable Object> read(JsonParser json) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    String name = json.nextName();
    while (name != null) {
      fields.put(name, value(json, json.nextToken()));
      name = json.nextName();
    }
    return fields;
  }

  private static @Nullable Object value(JsonParser json, JsonToken token) {
    return switch (token) {
      case VALUE_STRING -> json.getString();
      case VALUE_NUMBER_INT ->
          switch (json.getNumberType()) {
            case INT, LONG -> (Object) json.getLongValue();
            default -> finite(json.getDoubleValue());
          };
      case VALUE_NUMBER_FLOAT -> finite(json.getDoubleValue());
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case START_OBJECT -> {
        json.skipChildren();
        yield RawRow.Unplain.OBJECT;
      }
      case START_ARRAY -> {
        json.skipChildren();
        yield RawRow.Unplain.ARRAY;
      }
      default -> null;
    };
  }

  /** The fields of an object that was read already. */
  static Map<String, @Nullable Object> of(JsonNode object) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    object
        .properties()
        .forEach(
            property -> {
              JsonNode node = property.getValue();
              Object value =
                  switch (node.getNodeType()) {
                    case STRING -> node.stringValue();
                    case NUMBER ->
                        node.isIntegralNumber() && node.canConvertToLong()
                            ? (Object) node.longValue()
                            : finite(node.doubleValue());
                    case BOOLEAN -> node.booleanValue();
                    case OBJECT -> RawRow.Unplain.OBJECT;
                    case ARRAY -> RawRow.Unplain.ARRAY;
                    default -> null;
                  };
              fields.put(property.getKey(), value);
            });
    return fields;
  }

  private static Object finite(double number) {
    return Double.isFinite(number) ? (Object) number : RawRow.Unplain.TOO_BIG;
  }
}
