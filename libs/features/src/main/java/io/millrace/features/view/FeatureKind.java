// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

/** What the value of a feature is. */
public enum FeatureKind {
  /** A finite {@link Double}. */
  NUMBER,
  /** A {@link String}. */
  STRING,
  /** A {@link java.util.List} of Double or String, best or newest first as the aggregate says. */
  LIST,
  /** A {@link java.util.Map} of category → Double, in category order. */
  MAP
}
