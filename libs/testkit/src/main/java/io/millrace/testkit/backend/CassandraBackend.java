// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import java.net.InetSocketAddress;

/**
 * A Cassandra to test with.
 *
 * @param contactPoint what a driver takes as contact point
 * @param datacenter what a driver takes as local data centre
 * @param resolution where it comes from
 */
public record CassandraBackend(
    InetSocketAddress contactPoint, String datacenter, String resolution) {
  /** The contact point as {@code host:port}. */
  public String address() {
    return contactPoint.getHostString() + ":" + contactPoint.getPort();
  }
}
