// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.millrace.bench.BenchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The retail file in memory: its text, and its rows parsed to a {@link String}, a {@link Double} or
 * null for each column.
 *
 * @param names of the columns
 * @param numeric which columns hold numbers
 * @param rows one array a row, as long as {@code names}
 * @param text the file, unpacked
 */
record RetailTable(
    List<String> names, boolean[] numeric, List<@Nullable Object[]> rows, String text) {
  private static final Set<String> NUMERIC = Set.of("Quantity", "UnitPrice", "CustomerID");

  static RetailTable read(Path file) {
    String text;
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new BenchException("cannot read " + file + ": " + e.getMessage(), e);
    }
    List<String> names = records(text).next().getFields();
    boolean[] numeric = new boolean[names.size()];
    for (int i = 0; i < numeric.length; i++) {
      numeric[i] = NUMERIC.contains(names.get(i));
    }
    List<@Nullable Object[]> rows = new ArrayList<>();
    parse(records(text), numeric, rows::add);
    return new RetailTable(names, numeric, rows, text);
  }

  /** Parses a file with the same lines, row by row. */
  void parse(Path file, Consumer<@Nullable Object[]> row) throws IOException {
    try (CsvReader<CsvRecord> records = CsvReader.builder().ofCsvRecord(file)) {
      parse(records.iterator(), numeric, row);
    }
  }

  private static void parse(
      Iterator<CsvRecord> records, boolean[] numeric, Consumer<@Nullable Object[]> row) {
    records.next();
    while (records.hasNext()) {
      CsvRecord record = records.next();
      @Nullable Object[] values = new @Nullable Object[numeric.length];
      for (int i = 0; i < values.length; i++) {
        String field = record.getField(i);
        if (!field.isEmpty()) {
          values[i] = numeric[i] ? (Object) Double.valueOf(field) : field;
        }
      }
      row.accept(values);
    }
  }

  private static Iterator<CsvRecord> records(String text) {
    return CsvReader.builder().ofCsvRecord(text).iterator();
  }
}
