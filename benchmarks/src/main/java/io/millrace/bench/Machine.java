// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What figures were taken on.
 *
 * @param processor its name, "unknown" where the system does not tell
 * @param cores that this process may use
 * @param memoryGib all of it
 * @param java version of the Java that measures
 * @param load mean number of running processes over the minute before; negative where unknown
 */
record Machine(String processor, int cores, double memoryGib, String java, double load) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  static Machine here() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        (double) system.getTotalMemorySize() / (1L << 30),
        Runtime.version().toString(),
        system.getSystemLoadAverage());
  }

  private static String processorName() {
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      // Only Linux has the file.
      return System.getProperty("os.arch", "unknown");
    }
  }

  /** One line for people. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%d cores (%s), %.0f GiB, Java %s, load %.1f at the start",
        cores,
        processor,
        memoryGib,
        java,
        load);
  }
}
