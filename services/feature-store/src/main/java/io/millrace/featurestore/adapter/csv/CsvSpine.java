// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.csv;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.millrace.featurestore.dataset.SpineTable;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file (RFC 4180, UTF-8, plain or gzip) with a header; an empty cell is missing. One record
 * is in memory at a time. Not thread-safe.
 */
public final class CsvSpine implements SpineTable {
  private static final int RECORD_CHARS_MAX = 1 << 20;

  private final CsvReader<CsvRecord> reader;
  private final Iterator<CsvRecord> records;
  private final List<String> columns;
  private long line = 1;

  private CsvSpine(CsvReader<CsvRecord> reader) {
    this.reader = reader;
    this.records = reader.iterator();
    if (!records.hasNext()) {
      throw new IllegalArgumentException("the spine is empty: it needs a header");
    }
    List<String> names = new ArrayList<>();
    for (String name : records.next().getFields()) {
      String plain = name.strip();
      names.add(plain.startsWith("\uFEFF") ? plain.substring(1) : plain);
    }
    this.columns = List.copyOf(names);
  }

  /** Opens a file; text that is no UTF-8 or no CSV is refused when it is reached. */
  public static CsvSpine open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(2);
      boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
      in.reset();
      return new CsvSpine(
          CsvReader.builder()
              .skipEmptyLines(true)
              .allowUnclosedQuote(false)
              .allowExtraFields(false)
              .allowMissingFields(false)
              .maxBufferSize(RECORD_CHARS_MAX)
              .ofCsvRecord(
                  new InputStreamReader(
                      gzip ? new GZIPInputStream(in, 1 << 16) : in,
                      StandardCharsets.UTF_8
                          .newDecoder()
                          .onMalformedInput(CodingErrorAction.REPORT)
                          .onUnmappableCharacter(CodingErrorAction.REPORT))));
    } catch (CsvParseException e) {
      in.close();
      throw new IllegalArgumentException("the spine is no CSV: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public @Nullable Object @Nullable [] next() throws IOException {
    try {
      if (!records.hasNext()) {
        return null;
      }
      CsvRecord row = records.next();
      line = row.getStartingLineNumber();
      @Nullable Object[] cells = new Object[columns.size()];
      for (int i = 0; i < cells.length; i++) {
        String cell = row.getField(i);
        cells[i] = cell.isEmpty() ? null : cell;
      }
      return cells;
    } catch (CsvParseException e) {
      throw new IllegalArgumentException("after " + place() + ": no CSV: " + e.getMessage(), e);
    } catch (UncheckedIOException e) {
      throw new IllegalArgumentException("after " + place() + ": no UTF-8 text", e);
    }
  }

  @Override
  public String place() {
    return "line " + line;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
