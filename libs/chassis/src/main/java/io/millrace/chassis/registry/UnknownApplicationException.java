// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.registry;

/** There is no application of that name. HTTP: 404. */
public final class UnknownApplicationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnknownApplicationException(String app) {
    super("no application '" + app + "'; apply its definition first");
  }
}
