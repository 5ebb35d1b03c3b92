// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.json;

import io.millrace.common.serde.Json;
import io.millrace.ingest.intake.RawRow;
import io.millrace.ingest.intake.RowLimits;
import io.millrace.ingest.intake.UnreadableBodyException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** JSON and NDJSON bodies. Thread-safe. */
public final class JsonRows {
  private static final int SHOWN_MAX = 16 * 1024;

  private JsonRows() {}

  /**
   * One object, or an array of objects.
   *
   * @param origins index → where the row came from
   * @throws UnreadableBodyException where the body is no JSON
   */
  public static List<RawRow> read(byte[] body, IntFunction<RawRow.Origin> origins) {
    List<RawRow> rows = new ArrayList<>();
    try (JsonParser json = Json.mapper().createParser(body)) {
      JsonToken first = json.nextToken();
      if (first == JsonToken.START_ARRAY) {
        JsonToken token = json.nextToken();
        while (token != JsonToken.END_ARRAY) {
          RowLimits.checkRows(rows.size() + 1);
          rows.add(element(json, token, body, origins.apply(rows.size())));
          token = json.nextToken();
        }
      } else if (first != null) {
        rows.add(element(json, first, body, origins.apply(0)));
      }
      if (json.nextToken() != null) {
        throw new UnreadableBodyException(
            place(json), "malformed", "something follows the JSON value; NDJSON has its own type");
      }
      return rows;
    } catch (JacksonException e) {
      throw malformed(body, e);
    }
  }

  private static RawRow element(
      JsonParser json, @Nullable JsonToken token, byte[] body, RawRow.Origin origin) {
    long start = json.currentTokenLocation().getByteOffset();
    if (token == JsonToken.START_OBJECT) {
      Map<String, @Nullable Object> fields = JsonFields.read(json);
      long length = json.currentLocation().getByteOffset() - start;
      return length > RowLimits.ROW_BYTES_MAX
          ? RowLimits.tooBig(origin)
          : new RawRow.Read(origin, null, null, fields, false);
    }
    json.skipChildren();
    int end = (int) Math.min(json.currentLocation().getByteOffset(), start + SHOWN_MAX);
    String text = new String(body, (int) start, end - (int) start, StandardCharsets.UTF_8);
    return new RawRow.Unreadable(origin, "malformed", null, "an event is a JSON object", text);
  }

  /** One object a line; blank lines do not count. */
  public static List<RawRow> lines(byte[] body, IntFunction<RawRow.Origin> origins) {
    List<RawRow> rows = new ArrayList<>();
    int start = 0;
    while (start < body.length) {
      int end = start;
      while (end < body.length && body[end] != '\n') {
        end++;
      }
      byte[] line = Arrays.copyOfRange(body, start, end);
      if (!isBlank(line)) {
        RowLimits.checkRows(rows.size() + 1);
        rows.add(line(line, origins.apply(rows.size())));
      }
      start = end + 1;
    }
    return rows;
  }

  /** One object. */
  public static RawRow line(byte[] line, RawRow.Origin origin) {
    return line(line, origin, null, null);
  }

  /**
   * One object with what was said beside it.
   *
   * @param id see {@link RawRow.Read}
   * @param time see {@link RawRow.Read}
   */
  static RawRow line(
      byte[] line, RawRow.Origin origin, @Nullable String id, @Nullable String time) {
    if (line.length > RowLimits.ROW_BYTES_MAX) {
      return RowLimits.tooBig(origin);
    }
    try (JsonParser json = Json.mapper().createParser(line)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return unreadable(origin, "malformed", "an event is a JSON object", line);
      }
      Map<String, @Nullable Object> fields = JsonFields.read(json);
      return json.nextToken() == null
          ? new RawRow.Read(origin, id, time, fields, false)
          : unreadable(origin, "malformed", "something follows the JSON object", line);
    } catch (JacksonException e) {
      return isUtf8(line)
          ? unreadable(origin, "malformed", "not JSON: " + shortMessage(e), line)
          : unreadable(origin, "encoding", "not valid UTF-8", line);
    }
  }

  static RawRow unreadable(RawRow.Origin origin, String reason, String message, byte[] bytes) {
    String text = new String(bytes, 0, Math.min(bytes.length, SHOWN_MAX), StandardCharsets.UTF_8);
    return new RawRow.Unreadable(origin, reason, null, message, text);
  }

  static UnreadableBodyException malformed(byte[] body, JacksonException e) {
    if (!isUtf8(body)) {
      return new UnreadableBodyException("", "encoding", "the body is not valid UTF-8");
    }
    String where =
        e.getLocation() == null
            ? ""
            : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
    return new UnreadableBodyException(where, "malformed", "not JSON: " + shortMessage(e));
  }

  private static String place(JsonParser json) {
    return "line "
        + json.currentLocation().getLineNr()
        + ", column "
        + json.currentLocation().getColumnNr();
  }

  /** The first line, which quotes no more than a token. */
  private static String shortMessage(JacksonException e) {
    String message = String.valueOf(e.getOriginalMessage());
    return message.lines().findFirst().orElse("malformed");
  }

  static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static boolean isBlank(byte[] line) {
    for (byte each : line) {
      if (each != ' ' && each != '\t' && each != '\r') {
        return false;
      }
    }
    return true;
  }
}
