// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One row as a decoder found it. */
public sealed interface RawRow {
  /** Where it came from, and what stands in for what the row itself does not say. */
  Origin origin();

  /**
   * A row's place.
   *
   * @param index position in the request or poll, from 0
   * @param id id of the row where neither a field nor the sender names one; unique and the same
   *     when the row is sent again
   * @param position number of the row in its file, from 0, for events whose time is a sequence;
   *     negative where unknown
   * @param text {@code http}, or topic/partition/offset
   * @param traceparent W3C trace context that the row itself carries
   */
  record Origin(int index, String id, long position, String text, @Nullable String traceparent) {}

  /**
   * It could be read.
   *
   * @param id id given by the sender beside the data (a CloudEvents id)
   * @param time event timestamp given beside the data, RFC 3339
   * @param fields field → String, Long, Double, Boolean, {@link Unplain}, or null
   * @param textual whether every value is text whose type is yet to be found (CSV)
   */
  record Read(
      Origin origin,
      @Nullable String id,
      @Nullable String time,
      Map<String, @Nullable Object> fields,
      boolean textual)
      implements RawRow {
    public Read {
      fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }
  }

  /**
   * It could not.
   *
   * @param reason see {@link io.millrace.common.contract.EventRejected}
   * @param text what arrived, as far as it is text
   */
  record Unreadable(
      Origin origin, String reason, @Nullable String field, String message, @Nullable String text)
      implements RawRow {}

  /** A JSON value that no field of a flat event can hold. */
  enum Unplain {
    OBJECT,
    ARRAY,
    /** An integer beyond 64 bits, or a number beyond a double. */
    TOO_BIG
  }
}
