// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.api;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A service refused a request or does not answer; the message is for people. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient JsonNode problem;

  /** A service that cannot be reached. */
  ApiException(String message, Throwable cause) {
    super(message, cause);
    this.status = 0;
    this.problem = JsonNodeFactory.instance.objectNode();
  }

  /** A service that answered with an error. */
  ApiException(int status, String message, JsonNode problem) {
    super(message);
    this.status = status;
    this.problem = problem;
  }

  /** The HTTP status; 0 where no service answered. */
  public int status() {
    return status;
  }

  /** The answer's problem+json; an empty object where there was none. */
  public JsonNode problem() {
    return problem;
  }
}
