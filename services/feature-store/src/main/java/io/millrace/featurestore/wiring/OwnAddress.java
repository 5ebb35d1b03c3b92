// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;

/** Where the other instances of the service reach this one. */
final class OwnAddress {
  private static final Logger LOG = LoggerFactory.getLogger(OwnAddress.class);
  private static final int DEFAULT_PORT = 8080;

  private OwnAddress() {}

  /**
   * What is configured, else where the HTTP server listens; where that is every address of the
   * machine, the one that its name stands for.
   */
  static URI of(@Nullable URI configured, ServerProperties server) {
    if (configured != null && !configured.toString().isBlank()) {
      return configured;
    }
    InetAddress bound = server.getAddress();
    Integer port = server.getPort();
    String host = (bound == null || bound.isAnyLocalAddress() ? machine() : bound).getHostAddress();
    return URI.create(
        "http://"
            + (host.contains(":") ? "[" + host + "]" : host)
            + ":"
            + (port == null ? DEFAULT_PORT : port));
  }

  private static InetAddress machine() {
    try {
      return InetAddress.getLocalHost();
    } catch (UnknownHostException e) {
      // A single instance needs no address, and has to start.
      LOG.warn("this machine's name has no address; instances on others need one configured", e);
      return InetAddress.getLoopbackAddress();
    }
  }
}
