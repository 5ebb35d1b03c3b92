// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.common.serde.Json;
import java.io.PrintStream;

/**
 * Where commands write: results to standard output, progress and errors to standard error, so that
 * {@code --json} leaves nothing but JSON on standard output. Safe for use by several threads.
 *
 * @param out results
 * @param err progress and errors
 */
public record Console(PrintStream out, PrintStream err) {
  /** The process's own streams. */
  public static Console standard() {
    return new Console(System.out, System.err);
  }

  /** One line of a result. */
  public void result(String line) {
    out.println(line);
  }

  /** One line of progress. */
  public void progress(String line) {
    err.println(line);
  }

  /** A result for machines, on one line. */
  public void json(Object value) {
    out.println(Json.mapper().writeValueAsString(value));
  }
}
