// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.registry;

/** The service has just started and has not read which applications there are. HTTP: 503. */
public final class ApplicationsUnreadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ApplicationsUnreadException(String app) {
    super(
        "this service is starting and has not read yet whether there is an application '"
            + app
            + "'");
  }
}
