// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.features;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.millrace.bench.BenchException;
import io.millrace.features.pit.KnownEvent;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** The retail file's lines with a customer, by customer and in the order of the file. */
final class OrderLines {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final ZoneId ZONE = ZoneId.of("Europe/London");

  private OrderLines() {}

  /**
   * Customer → order lines.
   *
   * @param times how often the whole file is taken, each time with other customers
   */
  static Map<String, List<KnownEvent>> read(Path file, int times) {
    Map<String, List<KnownEvent>> byCustomer = new LinkedHashMap<>();
    try (Reader in =
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8);
        CsvReader<CsvRecord> lines = CsvReader.builder().ofCsvRecord(in)) {
      for (CsvRecord line : lines) {
        String customer = line.getField(6);
        if (!customer.isEmpty() && line.getStartingLineNumber() > 1) {
          byCustomer
              .computeIfAbsent(customer, key -> new ArrayList<>())
              .add(event(line, Long.toString(line.getStartingLineNumber())));
        }
      }
    } catch (IOException e) {
      throw new BenchException("cannot read " + file + ": " + e.getMessage(), e);
    }
    Map<String, List<KnownEvent>> repeated = new LinkedHashMap<>();
    for (int time = 0; time < times; time++) {
      int suffix = time;
      byCustomer.forEach((key, events) -> repeated.put(key + "/" + suffix, events));
    }
    return repeated;
  }

  private static KnownEvent event(CsvRecord line, String id) {
    long at = LocalDateTime.parse(line.getField(4), TIME).atZone(ZONE).toInstant().toEpochMilli();
    return new KnownEvent(
        at,
        at,
        id,
        Map.of(
            "Quantity", Long.parseLong(line.getField(3)),
            "UnitPrice", Double.parseDouble(line.getField(5))));
  }
}
