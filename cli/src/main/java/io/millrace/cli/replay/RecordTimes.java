// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.replay;

import io.millrace.common.definition.EventTimes;
import io.millrace.common.definition.TimeDefinition;
import io.millrace.common.serde.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Event times of the records of a file. Immutable. */
final class RecordTimes {
  private final boolean csv;
  private final EventTimes times;
  private final TimeDefinition definition;
  private final int column;

  /**
   * @param header of a CSV file
   * @throws ReplayException where the file cannot have event times
   */
  RecordTimes(EventFile source, byte[] header) {
    if (source.definition() == null) {
      throw new ReplayException("the event '" + source.event() + "' has no time");
    }
    TimeDefinition time = source.definition().time();
    this.definition = time;
    this.csv = source.file().csv();
    this.times = new EventTimes(time);
    this.column = csv && time.field() != null ? fields(header).indexOf(time.field()) : -1;
    if (csv && time.field() != null && column < 0) {
      throw new ReplayException(
          source.file().path() + " has no column '" + time.field() + "', the event's time");
    }
  }

  /** Event time of a record; null where it has none, for the receiver to say so. */
  @Nullable Long of(byte[] record, long row) {
    if (definition.field() == null) {
      return times.ofSequence(row);
    }
    try {
      Object value = csv ? cell(record) : field(record);
      return value == null ? null : times.of(value);
    } catch (IllegalArgumentException | JacksonException e) {
      return null;
    }
  }

  private @Nullable Object cell(byte[] record) {
    List<String> fields = fields(record);
    return column < fields.size() && !fields.get(column).isEmpty() ? fields.get(column) : null;
  }

  private @Nullable Object field(byte[] record) {
    JsonNode value = Json.mapper().readTree(record).path(String.valueOf(definition.field()));
    return value.isIntegralNumber()
        ? (Object) value.asLong()
        : value.isNumber() ? (Object) value.asDouble() : value.isString() ? value.asString() : null;
  }

  /** The fields of a CSV record (RFC 4180); a quote in a field that begins without one is text. */
  static List<String> fields(byte[] record) {
    List<String> fields = new ArrayList<>();
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    boolean quoted = false;
    int start = startsWithMark(record) ? 3 : 0;
    int begin = start;
    for (int i = start; i < record.length; i++) {
      byte at = record[i];
      if (quoted && at == '"' && i + 1 < record.length && record[i + 1] == '"') {
        field.write('"');
        i++;
      } else if (at == '"' && (quoted || i == begin)) {
        quoted = !quoted;
      } else if (!quoted && at == ',') {
        fields.add(field.toString(StandardCharsets.UTF_8));
        field.reset();
        begin = i + 1;
      } else if (quoted || (at != '\r' && at != '\n')) {
        field.write(at);
      }
    }
    fields.add(field.toString(StandardCharsets.UTF_8));
    return fields;
  }

  private static boolean startsWithMark(byte[] record) {
    return record.length >= 3
        && record[0] == (byte) 0xEF
        && record[1] == (byte) 0xBB
        && record[2] == (byte) 0xBF;
  }
}
