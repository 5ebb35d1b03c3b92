// SPDX-License-Identifier: Apache-2.0
package org.apache.cassandra.security;

/**
 * Stands in for Cassandra's security manager, which JDK 24 and later refuse to install (JEP 486).
 *
 * <p>Cassandra uses the original only to confine user-defined functions; the local node keeps those
 * switched off, so nothing is left to confine. This class must come first on the class path.
 */
public final class ThreadAwareSecurityManager {
  private ThreadAwareSecurityManager() {}

  /** Does nothing: there is no security manager to install. */
  public static void install() {}

  /**
   * Whether the calling thread runs user-defined code.
   *
   * @return false, always
   */
  public static boolean isSecuredThread() {
    return false;
  }
}
