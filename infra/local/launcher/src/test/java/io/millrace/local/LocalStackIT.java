// SPDX-License-Identifier: Apache-2.0
package io.millrace.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the three servers when something goes wrong around them. */
final class LocalStackIT {
  @TempDir private Path data;

  @Test
  void start_launcherIsKilled_leavesNoProcess() throws Exception {
    Process launcher =
        new ProcessBuilder(
                Jdk.find25().java().toString(),
                "-Dmillrace.home=" + MillraceHome.find().root(),
                "-cp",
                System.getProperty("java.class.path"),
                StackOwner.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = launcher.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        if (line.equals("ready")) {
          break;
        }
      }
      assertThat(lines).as("what the launcher said").endsWith("ready");
      List<ProcessIdentity> servers =
          lines.stream().map(ProcessIdentity::decode).flatMap(o -> o.stream()).toList();
      assertThat(servers).hasSize(3).allMatch(ProcessIdentity::isAlive);
      launcher.destroyForcibly().waitFor();
      Waiting.until(
          () -> servers.stream().noneMatch(ProcessIdentity::isAlive), Duration.ofSeconds(30));
    } finally {
      launcher.destroyForcibly();
    }
  }

  @Test
  void start_oneCannotServe_namesItWithItsLogAndStopsTheRest() throws Exception {
    MillraceHome home = MillraceHome.find();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      LocalStack stack =
          new LocalStack(
              new LocalKafka(home, options("kafka", 0)),
              new LocalRedis(home, options("redis", taken.getLocalPort())),
              new LocalCassandra(home, options("cassandra", 0)));
      assertThatThrownBy(() -> stack.start(Duration.ofSeconds(60), backend -> {}))
          .isInstanceOf(LocalException.class)
          .hasMessageContaining("redis ended while it was starting")
          .hasMessageContaining("Address already in use")
          .hasMessageNotContaining("kafka");
      assertThat(stack.backends()).extracting(Backend::pid).containsOnly(OptionalLong.empty());
    }
    assertThat(Files.exists(data.resolve("redis/redis.log"))).isTrue();
  }

  private BackendOptions options(String name, int port) {
    return new BackendOptions(data.resolve(name), port, 512, Lifetime.ofThisProcess());
  }
}
