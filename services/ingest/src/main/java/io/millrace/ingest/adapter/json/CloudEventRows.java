// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.json;

import io.millrace.common.serde.Json;
import io.millrace.ingest.intake.RawRow;
import io.millrace.ingest.intake.RowLimits;
import io.millrace.ingest.intake.UnreadableBodyException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * CloudEvents 1.0: binary, structured and batched. The kind of event is that of the address they
 * were sent to, whatever their type says. Thread-safe.
 */
public final class CloudEventRows {
  private static final String VERSION = "1.0";

  private CloudEventRows() {}

  /**
   * Binary mode: attributes in headers, data in the body.
   *
   * @param attributes attribute name → value, null where absent
   */
  public static RawRow binary(
      byte[] body, Function<String, @Nullable String> attributes, RawRow.Origin origin) {
    String version = attributes.apply("specversion");
    String id = attributes.apply("id");
    if (!VERSION.equals(version)) {
      return wrong(origin, "specversion", "is not 1.0", body);
    }
    if (id == null || id.isBlank()) {
      return wrong(origin, "id", "is missing: every CloudEvent has one", body);
    }
    return JsonRows.line(body, origin, id, attributes.apply("time"));
  }

  /**
   * Structured mode, one event.
   *
   * @throws UnreadableBodyException where the body is no JSON
   */
  public static RawRow structured(byte[] body, RawRow.Origin origin) {
    return row(tree(body), origin, body);
  }

  /** As {@link #structured(byte[], RawRow.Origin)}, but what is no JSON is an unreadable row. */
  public static RawRow structuredRecord(byte[] body, RawRow.Origin origin) {
    try {
      return body.length > RowLimits.ROW_BYTES_MAX
          ? RowLimits.tooBig(origin)
          : structured(body, origin);
    } catch (UnreadableBodyException e) {
      return JsonRows.unreadable(origin, e.rule(), e.text(), body);
    }
  }

  /**
   * An array of structured events.
   *
   * @throws UnreadableBodyException where the body is no JSON array
   */
  public static List<RawRow> batch(byte[] body, IntFunction<RawRow.Origin> origins) {
    JsonNode tree = tree(body);
    if (!tree.isArray()) {
      throw new UnreadableBodyException("", "malformed", "a CloudEvents batch is a JSON array");
    }
    RowLimits.checkRows(tree.size());
    List<RawRow> rows = new ArrayList<>(tree.size());
    for (JsonNode each : tree) {
      byte[] text = each.toString().getBytes(StandardCharsets.UTF_8);
      rows.add(
          text.length > RowLimits.ROW_BYTES_MAX
              ? RowLimits.tooBig(origins.apply(rows.size()))
              : row(each, origins.apply(rows.size()), text));
    }
    return rows;
  }

  private static JsonNode tree(byte[] body) {
    try {
      return Json.mapper().readTree(body);
    } catch (JacksonException e) {
      throw JsonRows.malformed(body, e);
    }
  }

  private static RawRow row(JsonNode event, RawRow.Origin plain, byte[] text) {
    RawRow.Origin origin = plain;
    if (event.path("traceparent").isString()) {
      origin =
          new RawRow.Origin(
              plain.index(),
              plain.id(),
              plain.position(),
              plain.text(),
              event.path("traceparent").stringValue());
    }
    if (!event.isObject()) {
      return JsonRows.unreadable(origin, "malformed", "a CloudEvent is a JSON object", text);
    }
    if (!VERSION.equals(event.path("specversion").asString(""))) {
      return wrong(origin, "specversion", "is not 1.0", text);
    }
    String id = event.path("id").isString() ? event.path("id").stringValue() : "";
    if (id.isBlank()) {
      return wrong(origin, "id", "is missing: every CloudEvent has one", text);
    }
    String content = event.path("datacontenttype").asString("application/json");
    if (!content.toLowerCase(Locale.ROOT).contains("json")) {
      return wrong(origin, "datacontenttype", "is not JSON", text);
    }
    String time = event.path("time").isString() ? event.path("time").stringValue() : null;
    if (event.path("data_base64").isString()) {
      try {
        byte[] data = Base64.getDecoder().decode(event.path("data_base64").stringValue());
        return JsonRows.line(data, origin, id, time);
      } catch (IllegalArgumentException e) {
        return wrong(origin, "data_base64", "is not base64", text);
      }
    }
    JsonNode data = event.path("data");
    return data.isObject()
        ? new RawRow.Read(origin, id, time, JsonFields.of(data), false)
        : wrong(origin, "data", "is not a JSON object", text);
  }

  private static RawRow wrong(
      RawRow.Origin origin, String attribute, String message, byte[] bytes) {
    return JsonRows.unreadable(
        origin, "malformed", "CloudEvent: " + attribute + " " + message, bytes);
  }
}
