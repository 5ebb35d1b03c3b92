// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;

/** Chooses loopback ports and remembers the choice. */
public final class Ports {
  private static final int LOWEST = 10_000;
  private static final int HIGHEST = 30_000;
  private static final int TRIES = 200;

  private Ports() {}

  /**
   * The wanted port; for 0 the one remembered in {@code file} where it is free, else a new one,
   * which is then remembered.
   */
  static int choose(int wanted, Path file) {
    try {
      if (wanted != 0) {
        return remember(wanted, file);
      }
      int remembered = remembered(file);
      return remember(remembered != 0 && isFree(remembered) ? remembered : free(), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The port remembered in the file; 0 where there is none. */
  static int remembered(Path file) {
    try {
      return Files.isReadable(file) ? Integer.parseInt(Files.readString(file).strip()) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int remember(int port, Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, Integer.toString(port));
    return port;
  }

  /**
   * A free loopback port below the range from which systems give ports to outgoing connections.
   * From within that range a server that is restarted may find its port taken by a client, not
   * seldom by one that was trying to reach it.
   *
   * @throws LocalException where none of {@value #TRIES} is free
   */
  public static int free() {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      if (isFree(port)) {
        return port;
      }
    }
    throw new LocalException("no free port from " + LOWEST + " to " + HIGHEST);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
