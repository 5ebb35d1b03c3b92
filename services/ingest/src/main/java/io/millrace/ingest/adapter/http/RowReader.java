// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.http;

import io.millrace.ingest.intake.RawRow;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a body in one format. */
@FunctionalInterface
public interface RowReader {
  /**
   * Reads all.
   *
   * @param headers header name → value, null where absent
   * @param origins index → where the row came from
   * @throws io.millrace.ingest.intake.UnreadableBodyException where the rows cannot be told apart
   */
  List<RawRow> read(
      byte[] body, Function<String, @Nullable String> headers, IntFunction<RawRow.Origin> origins);
}
