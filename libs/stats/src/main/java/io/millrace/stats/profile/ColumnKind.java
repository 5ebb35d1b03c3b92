// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

/** What a column holds, judged from the types of the values seen. */
public enum ColumnKind {
  /** No value was ever seen, only missing ones or nothing. */
  EMPTY,
  /** Only numbers (finite, NaN or infinite). */
  NUMERIC,
  /** Only strings. */
  CATEGORICAL,
  /** Only booleans. */
  BOOLEAN,
  /** Only values that are none of these, such as maps or byte arrays. */
  OTHER,
  /** Values of more than one type. */
  MIXED
}
