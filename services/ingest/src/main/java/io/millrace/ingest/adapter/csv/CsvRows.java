// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.csv;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.millrace.ingest.intake.RawRow;
import io.millrace.ingest.intake.RowLimits;
import io.millrace.ingest.intake.UnreadableBodyException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * CSV bodies (RFC 4180) with a header row. A broken quote refuses the whole body: from there on
 * nobody can tell the rows apart. Thread-safe.
 */
public final class CsvRows {
  /** Stands for bytes that are no UTF-8; a noncharacter, so no text that is meant has it. */
  private static final String UNDECODABLE = "\uFDD0";

  private CsvRows() {}

  /**
   * Every row after the header.
   *
   * @param origins index → where the row came from
   * @throws UnreadableBodyException where the header is unusable or a quote is broken
   */
  public static List<RawRow> read(byte[] body, IntFunction<RawRow.Origin> origins) {
    boolean[] broken = {false};
    String text = decode(body, broken);
    List<RawRow> rows = new ArrayList<>();
    Iterator<CsvRecord> records =
        CsvReader.builder()
            .skipEmptyLines(true)
            .allowUnclosedQuote(false)
            .allowExtraFields(true)
            .allowMissingFields(true)
            .maxBufferSize(16 * 1024 * 1024)
            .ofCsvRecord(text)
            .iterator();
    long line = 1;
    try {
      if (!records.hasNext()) {
        return rows;
      }
      List<String> header = header(records.next());
      while (records.hasNext()) {
        CsvRecord record = records.next();
        line = record.getStartingLineNumber();
        RowLimits.checkRows(rows.size() + 1);
        rows.add(row(header, record, broken[0], origins.apply(rows.size())));
      }
      return rows;
    } catch (CsvParseException e) {
      throw new UnreadableBodyException(
          "after line " + line, "malformed", "not CSV: " + e.getMessage());
    }
  }

  private static RawRow row(
      List<String> header, CsvRecord record, boolean broken, RawRow.Origin origin) {
    long length = 0;
    for (int i = 0; i < record.getFieldCount(); i++) {
      String field = record.getField(i);
      length += field.length();
      if (broken && field.contains(UNDECODABLE)) {
        String name = i < header.size() ? header.get(i) : null;
        return new RawRow.Unreadable(
            origin,
            "encoding",
            name,
            "line " + record.getStartingLineNumber() + " is not valid UTF-8",
            String.join(",", record.getFields()).replace(UNDECODABLE, "\uFFFD"));
      }
    }
    if (length > RowLimits.ROW_BYTES_MAX) {
      return RowLimits.tooBig(origin);
    }
    if (record.getFieldCount() != header.size()) {
      return new RawRow.Unreadable(
          origin,
          "malformed",
          null,
          "line "
              + record.getStartingLineNumber()
              + " has "
              + record.getFieldCount()
              + " fields, the header "
              + header.size(),
          String.join(",", record.getFields()));
    }
    Map<String, @Nullable Object> fields = LinkedHashMap.newLinkedHashMap(header.size());
    for (int i = 0; i < header.size(); i++) {
      fields.put(header.get(i), record.getField(i));
    }
    return new RawRow.Read(origin, null, null, fields, true);
  }

  private static List<String> header(CsvRecord record) {
    List<String> names = record.getFields();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isBlank() || !seen.add(names.get(i))) {
        throw new UnreadableBodyException(
            "line 1, field " + (i + 1),
            "header",
            "the header names every field, each once; '" + names.get(i) + "' does not");
      }
    }
    return names;
  }

  private static String decode(byte[] body, boolean[] broken) {
    int start =
        body.length >= 3
                && body[0] == (byte) 0xEF
                && body[1] == (byte) 0xBB
                && body[2] == (byte) 0xBF
            ? 3
            : 0;
    ByteBuffer bytes = ByteBuffer.wrap(body, start, body.length - start);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.slice()).toString();
    } catch (CharacterCodingException e) {
      broken[0] = true;
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE)
            .replaceWith(UNDECODABLE)
            .decode(bytes.slice())
            .toString();
      } catch (CharacterCodingException impossible) {
        throw new IllegalStateException("a replacing decoder does not fail", impossible);
      }
    }
  }
}
