// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.nio.file.Path;

/**
 * How one backend runs.
 *
 * @param dataDirectory holds its data, configuration, log and pid file; kept when it stops
 * @param port the loopback port of its clients; 0 chooses a free one, the same again at the next
 *     start where that is still free
 * @param heapMb its Java heap at most, in MiB; for Redis its memory at most
 * @param lifetime how long it may run
 */
public record BackendOptions(Path dataDirectory, int port, int heapMb, Lifetime lifetime) {
  /** Checks the ranges. */
  public BackendOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + " is not within 0..65535");
    }
    if (heapMb < 32) {
      throw new IllegalArgumentException("heapMb " + heapMb + " is less than 32");
    }
    dataDirectory = dataDirectory.toAbsolutePath().normalize();
  }
}
