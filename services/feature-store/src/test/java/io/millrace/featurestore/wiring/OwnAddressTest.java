// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;

class OwnAddressTest {
  private static ServerProperties listensOn(String address) throws UnknownHostException {
    ServerProperties server = new ServerProperties();
    server.setAddress(InetAddress.getByName(address));
    server.setPort(8082);
    return server;
  }

  @Test
  void of_configured_isThat() throws UnknownHostException {
    URI configured = URI.create("http://store-2:80");
    assertThat(OwnAddress.of(configured, listensOn("127.0.0.1"))).isEqualTo(configured);
  }

  @Test
  void of_oneAddress_isWhereTheServerListens() throws UnknownHostException {
    assertThat(OwnAddress.of(null, listensOn("127.0.0.1"))).hasToString("http://127.0.0.1:8082");
    assertThat(OwnAddress.of(URI.create(""), listensOn("::1")))
        .hasToString("http://[0:0:0:0:0:0:0:1]:8082");
  }

  @Test
  void of_allAddresses_isNotOneOfThem() throws UnknownHostException {
    URI address = OwnAddress.of(null, listensOn("0.0.0.0"));
    assertThat(address.getPort()).isEqualTo(8082);
    assertThat(InetAddress.getByName(address.getHost()).isAnyLocalAddress()).isFalse();
  }
}
