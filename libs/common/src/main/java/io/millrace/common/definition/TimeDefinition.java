// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import org.jspecify.annotations.Nullable;

/**
 * Where an event timestamp comes from: a field, or the position of the row in its file.
 *
 * @param field field that holds it; absent with {@code sequence}
 * @param format {@code iso} (default), {@code epoch_s}, {@code epoch_ms}, or a pattern of {@link
 *     java.time.format.DateTimeFormatter}
 * @param zone time zone of a timestamp that names none; default UTC
 * @param sequence for data whose order is its time
 */
public record TimeDefinition(
    @Nullable String field,
    @Nullable String format,
    @Nullable String zone,
    @Nullable Sequence sequence) {

  /**
   * Row {@code n} (from 0) happened at {@code start + n · step}.
   *
   * @param start ISO-8601 local date-time in the definition's zone
   * @param step for example {@code 30m}
   */
  public record Sequence(String start, String step) {}
}
