// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A process to start.
 *
 * @param name what people call it
 * @param command program and arguments
 * @param environment variables added to those of this process
 * @param directory its working directory
 * @param logFile where its output is appended
 * @param pidFile where its number and start are written
 */
public record ProcessSpec(
    String name,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    Path logFile,
    Path pidFile) {
  /** Copies the collections. */
  public ProcessSpec {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }
}
