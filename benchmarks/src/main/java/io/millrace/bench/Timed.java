// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How long some work in this process took. On a machine with other load the processor time says
 * more: it is this process's own, with its collector, its compiler and its native threads.
 *
 * @param seconds by the clock
 * @param cpuSeconds of all processors together
 */
public record Timed(double seconds, double cpuSeconds) {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** Some work. */
  @FunctionalInterface
  public interface Work<X extends Exception> {
    /** Does it. */
    void run() throws X;
  }

  /** Does the work and takes the time. */
  public static <X extends Exception> Timed of(Work<X> work) throws X {
    long cpu = SYSTEM.getProcessCpuTime();
    long begin = System.nanoTime();
    work.run();
    return new Timed((System.nanoTime() - begin) / 1e9, (SYSTEM.getProcessCpuTime() - cpu) / 1e9);
  }
}
