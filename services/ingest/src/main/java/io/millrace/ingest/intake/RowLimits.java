// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

/** What a body may hold. */
public final class RowLimits {
  /** Rows of a request. */
  public static final int ROWS_MAX = 20_000;

  /** Bytes of one row. */
  public static final int ROW_BYTES_MAX = 256 * 1024;

  private RowLimits() {}

  /**
   * Refuses a body with one row too many.
   *
   * @throws UnreadableBodyException where {@code rows} is more than {@link #ROWS_MAX}
   */
  public static void checkRows(int rows) {
    if (rows > ROWS_MAX) {
      throw new UnreadableBodyException(
          "", "too-large", "a request has at most " + ROWS_MAX + " events; send it in parts");
    }
  }

  /** A row that is too big to look at. */
  public static RawRow tooBig(RawRow.Origin origin) {
    return new RawRow.Unreadable(
        origin, "too-large", null, "an event has at most " + ROW_BYTES_MAX + " bytes", null);
  }
}
