// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

/** Which features a caller may read. */
@FunctionalInterface
public interface ReadAccess {
  /**
   * @param feature {@code view.feature}
   */
  boolean mayRead(String app, String feature);
}
