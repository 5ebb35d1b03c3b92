// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import io.millrace.local.MillraceHome;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * How a stack runs.
 *
 * @param home the built tree
 * @param folder where it keeps everything
 * @param portBase port of the first service, the others follow; 0 takes the ports of the last
 *     start, free ones where there was none
 * @param timeout how long each process may take until it is ready
 * @param startCaches whether start-up caches are used, made, or left alone
 * @param services which services it has
 * @param environment variables for the services beyond those that the stack sets
 */
public record StackOptions(
    MillraceHome home,
    StackFolder folder,
    int portBase,
    Duration timeout,
    StartCaches startCaches,
    Set<Service> services,
    Map<String, String> environment) {
  /** What to do about start-up caches. */
  public enum StartCaches {
    /** Use those that fit, do without where none does. */
    USE,
    /** Make them: each service records its start and writes its cache when it stops. */
    MAKE
  }

  /** Checks the ranges. */
  public StackOptions {
    if (portBase != 0 && (portBase < 1024 || portBase > 65_000)) {
      throw new IllegalArgumentException("port base " + portBase + " is not within 1024..65000");
    }
    if (services.isEmpty()) {
      throw new IllegalArgumentException("a stack has at least one service");
    }
    services = Set.copyOf(services);
    environment = Map.copyOf(environment);
  }

  /** The usual ones: all services, ports 8081 to 8086, three minutes. */
  public static StackOptions usual(MillraceHome home, StackFolder folder) {
    return new StackOptions(
        home,
        folder,
        Service.PORT_BASE,
        Duration.ofMinutes(3),
        StartCaches.USE,
        EnumSet.allOf(Service.class),
        Map.of());
  }

  /** The same on other ports. */
  public StackOptions withPortBase(int base) {
    return new StackOptions(home, folder, base, timeout, startCaches, services, environment);
  }

  /** The same with another limit. */
  public StackOptions withTimeout(Duration limit) {
    return new StackOptions(home, folder, portBase, limit, startCaches, services, environment);
  }

  /** The same with start-up caches treated so. */
  public StackOptions withStartCaches(StartCaches use) {
    return new StackOptions(home, folder, portBase, timeout, use, services, environment);
  }

  /** The same with these services only. */
  public StackOptions withServices(Set<Service> only) {
    return new StackOptions(home, folder, portBase, timeout, startCaches, only, environment);
  }

  /** The same with these variables for the services beyond those that the stack sets. */
  public StackOptions withEnvironment(Map<String, String> variables) {
    return new StackOptions(home, folder, portBase, timeout, startCaches, services, variables);
  }
}
