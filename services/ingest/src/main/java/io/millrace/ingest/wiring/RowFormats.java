// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.wiring;

import io.millrace.ingest.adapter.csv.CsvRows;
import io.millrace.ingest.adapter.http.RowReader;
import io.millrace.ingest.adapter.json.CloudEventRows;
import io.millrace.ingest.adapter.json.JsonRows;
import io.millrace.ingest.adapter.kafka.RawRecords;
import io.millrace.ingest.intake.RawRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which reader is for which format. */
final class RowFormats {
  private static final String STRUCTURED = "application/cloudevents+json";

  private RowFormats() {}

  /** Media type → reader; {@code cloudevents-binary} is for JSON with {@code ce-} headers. */
  static Map<String, RowReader> readers() {
    RowReader lines = (body, headers, origins) -> JsonRows.lines(body, origins);
    RowReader csv = (body, headers, origins) -> CsvRows.read(body, origins);
    Map<String, RowReader> readers = new HashMap<>();
    readers.put("application/json", (body, headers, origins) -> JsonRows.read(body, origins));
    readers.put("application/x-ndjson", lines);
    readers.put("application/ndjson", lines);
    readers.put("application/jsonl", lines);
    readers.put("text/csv", csv);
    readers.put("application/csv", csv);
    readers.put(
        STRUCTURED,
        (body, headers, origins) ->
            body.length == 0
                ? List.of()
                : List.of(CloudEventRows.structured(body, origins.apply(0))));
    readers.put(
        "application/cloudevents-batch+json",
        (body, headers, origins) -> CloudEventRows.batch(body, origins));
    readers.put(
        "cloudevents-binary",
        (body, headers, origins) ->
            body.length == 0
                ? List.of()
                : List.of(
                    CloudEventRows.binary(
                        body, name -> headers.apply("ce-" + name), origins.apply(0))));
    return readers;
  }

  /** Raw records: a CloudEvent where the headers say so, else JSON. */
  static RawRecords records() {
    return (value, headers, origin) -> {
      String type = headers.of("content-type");
      if (type != null && type.startsWith(STRUCTURED)) {
        return CloudEventRows.structuredRecord(value, origin);
      }
      return headers.of("ce_specversion") == null
          ? JsonRows.line(value, origin)
          : binary(value, headers, origin);
    };
  }

  private static RawRow binary(byte[] value, RawRecords.HeaderText headers, RawRow.Origin origin) {
    return CloudEventRows.binary(value, name -> headers.of("ce_" + name), origin);
  }
}
