// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.definition;

/**
 * The type of an event field after ingest. Values in a canonical event are the boxed Java type
 * named here, or {@code null} where the field is absent.
 */
public enum FieldType {
  /** {@link String}. */
  STRING,
  /** {@link Long}. */
  INTEGER,
  /** {@link Double}, always finite. */
  NUMBER,
  /** {@link Boolean}. */
  BOOLEAN,
  /** {@link Long}: milliseconds since the epoch, UTC. */
  TIMESTAMP,
  /**
   * Not declared ({@code infer: true}): whatever JSON type arrived ({@link String}, {@link Long},
   * {@link Double} or {@link Boolean}); a string that is wholly a number counts as that number in
   * arithmetic and comparisons with numbers.
   */
  DYNAMIC
}
