// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.kafka;

import io.millrace.ingest.intake.RawRow;
import org.jspecify.annotations.Nullable;

/** Reads a raw record, which is JSON or a CloudEvent. */
@FunctionalInterface
public interface RawRecords {
  /**
   * Reads one record.
   *
   * @param value what it holds, never null
   * @param headers header name → text
   */
  RawRow read(byte[] value, HeaderText headers, RawRow.Origin origin);

  /** The text of a header, null where there is none. */
  @FunctionalInterface
  interface HeaderText {
    @Nullable String of(String name);
  }
}
