// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * A real server on the loopback interface. An instance stands for a data directory: it also finds,
 * and stops, a server that another JVM started there. Safe for use by several threads.
 */
public sealed interface Backend permits ProcessBackend {
  /** What people call it. */
  String name();

  /**
   * Starts the server, or adopts the one that already runs on this data directory. Returns before
   * it answers.
   *
   * @throws LocalException where it cannot be started
   */
  void start();

  /**
   * Waits until the server answers its own protocol.
   *
   * @throws LocalException where it ends or does not answer in that time, with the end of its log
   */
  void awaitReady(Duration timeout);

  /** Ends the server, gently first. Its data stays. Does nothing where none runs. */
  void stop();

  /** Ends the server as a crash would. */
  void kill();

  /** Lets the server outlive the process that started it. */
  void detach();

  /** Where clients connect, {@code 127.0.0.1:port}. */
  String address();

  /** The number of its process, while it runs. */
  OptionalLong pid();

  /** What the server writes about itself. */
  Path logFile();
}
