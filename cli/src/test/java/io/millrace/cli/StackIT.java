// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.Stack;
import io.millrace.cli.stack.StackFolder;
import io.millrace.cli.stack.StackOptions;
import io.millrace.common.serde.Json;
import io.millrace.local.Backend;
import io.millrace.local.Jdk;
import io.millrace.local.MillraceHome;
import io.millrace.testkit.await.Await;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The commands as processes, over real backends and one real service; the system tests walk through
 * all six. Needs the built modules, as {@code mvn verify} leaves them.
 */
final class StackIT {
  private static final Duration LIMIT = Duration.ofSeconds(300);

  @TempDir private Path folder;

  @AfterEach
  void leaveNothing() {
    stack().stop(line -> {});
  }

  @Test
  void up_thenKilledServiceRestarted_servesUntilDown() throws Exception {
    Process up = millrace("up", "--only", "monitor", "--port-base", "0", "--json");
    JsonNode result = Json.mapper().readTree(output(up));
    assertThat(up.exitValue()).isZero();
    JsonNode monitor = result.path("services").path("monitor");
    assertThat(monitor.path("ready").asBoolean()).isTrue();
    assertThat(monitor.path("start_s").asDouble()).isPositive();
    assertThat(monitor.path("rss_mb").asLong()).isBetween(50L, 1000L);

    // It outlived the command, and another one finds it.
    Stack stack = stack();
    assertThat(stack.service(Service.MONITOR).isReady()).isTrue();
    assertThat(stack.backends().backends()).allMatch(backend -> backend.pid().isPresent());
    String key = stack.apiKey();

    stack.service(Service.MONITOR).kill();
    assertThat(stack.service(Service.MONITOR).isReady()).isFalse();
    stack.restart(Service.MONITOR);
    assertThat(stack.service(Service.MONITOR).isReady()).isTrue();
    assertThat(stack.apiKey()).isEqualTo(key);

    Process down = millrace("down", "--purge");
    output(down);
    assertThat(down.exitValue()).isZero();
    assertNothingRuns();
    assertThat(folder.resolve("stack")).doesNotExist();
  }

  @Test
  void up_interruptedWhileStarting_leavesNoProcess() throws Exception {
    Process up = millrace("up", "--only", "monitor", "--port-base", "0");
    Stack stack = stack();
    Await.until(
        () -> stack.backends().kafka().pid().isPresent(),
        LIMIT,
        () -> "Kafka was never started; up says " + up.isAlive());
    // The JVM treats Ctrl-C and TERM alike; but a build in the background hands an ignored INT
    // down.
    assertThat(new ProcessBuilder("kill", "-TERM", Long.toString(up.pid())).start().waitFor())
        .isZero();
    assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(up.exitValue()).isNotZero();
    Await.until(
        () -> running().isEmpty(), Duration.ofSeconds(60), () -> "still runs: " + running());
  }

  private void assertNothingRuns() {
    assertThat(running()).isEmpty();
  }

  private List<String> running() {
    Stack stack = stack();
    List<String> running = new ArrayList<>();
    for (Backend backend : stack.backends().backends()) {
      if (backend.pid().isPresent()) {
        running.add(backend.name());
      }
    }
    if (stack.service(Service.MONITOR).pid().isPresent()) {
      running.add("monitor");
    }
    return running;
  }

  private Stack stack() {
    return new Stack(
        StackOptions.usual(MillraceHome.find(), new StackFolder(folder.resolve("stack")))
            .withPortBase(0));
  }

  private Process millrace(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Jdk.find25().java().toString());
    command.addAll(
        List.of(
            "-Dmillrace.home=" + MillraceHome.find().root(),
            "-cp",
            System.getProperty("java.class.path"),
            Millrace.class.getName()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--folder", folder.resolve("stack").toString()));
    Path errors = Files.createFile(folder.resolve(arguments[0] + ".err"));
    return new ProcessBuilder(command).redirectError(errors.toFile()).start();
  }

  private static String output(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
