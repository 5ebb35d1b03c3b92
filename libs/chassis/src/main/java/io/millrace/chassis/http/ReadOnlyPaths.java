// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

/** A service's bean that names the paths whose POST only reads; without it there are none. */
@FunctionalInterface
public interface ReadOnlyPaths {
  boolean isReadOnly(String path);
}
