// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/** What a cell's 64 bits are, so that a column of them can be written in few. */
enum CellKind {
  /** A whole number. */
  WHOLE,
  /** Milliseconds since the epoch. */
  TIME,
  /** The bits of a double. */
  NUMBER
}
