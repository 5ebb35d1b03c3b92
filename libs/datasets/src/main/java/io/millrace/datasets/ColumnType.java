// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

/** What a column holds. Every column may have missing values; they are nulls in the file. */
public enum ColumnType {
  /** {@link Double}; NaN is missing. */
  NUMBER,
  /** {@link Long}. */
  INTEGER,
  /** {@link Boolean}. */
  BOOLEAN,
  /** {@link Long}: milliseconds since the epoch, UTC. */
  TIMESTAMP,
  /** {@link String}. */
  TEXT
}
