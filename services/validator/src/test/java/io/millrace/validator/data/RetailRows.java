// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** The real order lines, where the machine has them. */
final class RetailRows {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
  private static final ZoneId ZONE = ZoneId.of("Europe/London");

  private RetailRows() {}

  /** The file in a folder {@code shared/data} beside or above the repository. */
  static Optional<Path> file() {
    Path folder = Path.of(System.getProperty("millrace.home", ".")).toAbsolutePath();
    for (; folder != null; folder = folder.getParent()) {
      Path file = folder.resolve("shared/data/online-retail.csv.gz");
      if (Files.exists(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** The lines with a customer, with canonical types. */
  static List<Spans.Row> read(Path file) {
    List<Spans.Row> rows = new ArrayList<>(410_000);
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      in.readLine();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] cells = split(line);
        if (!cells[6].isEmpty()) {
          rows.add(row(cells));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static Spans.Row row(String[] cells) {
    Map<String, Object> data = new HashMap<>();
    data.put("InvoiceNo", cells[0]);
    data.put("StockCode", cells[1]);
    if (!cells[2].isEmpty()) {
      data.put("Description", cells[2]);
    }
    data.put("Quantity", Long.parseLong(cells[3]));
    data.put("InvoiceDate", cells[4]);
    data.put("UnitPrice", Double.parseDouble(cells[5]));
    data.put("CustomerID", cells[6]);
    data.put("Country", cells[7]);
    return new Spans.Row(
        LocalDateTime.parse(cells[4], TIME).atZone(ZONE).toInstant().toEpochMilli(), data);
  }

  private static String[] split(String line) {
    List<String> cells = new ArrayList<>(8);
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells.toArray(String[]::new);
  }
}
