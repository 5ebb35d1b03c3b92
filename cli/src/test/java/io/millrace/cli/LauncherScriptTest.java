// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.local.MillraceHome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script beside a tree that looks built, with Javas that only say how they are called. */
final class LauncherScriptTest {
  private static final List<String> MODULES =
      List.of(
          "infra/local/kafka",
          "infra/local/cassandra",
          "infra/local/redis",
          "cli",
          "services/ingest",
          "services/feature-store",
          "services/validator",
          "services/trainer",
          "services/inference",
          "services/monitor",
          "benchmarks");

  @TempDir private Path folder;
  private Path script = Path.of("");

  @BeforeEach
  void lookBuilt() throws IOException {
    Path tree = folder.resolve("tree");
    for (String module : MODULES) {
      Path target = Files.createDirectories(tree.resolve(module).resolve("target"));
      Files.writeString(target.resolve("runtime.classpath"), "/lib/of-" + module.replace('/', '-'));
    }
    Files.writeString(tree.resolve("cli/target/millrace-cli-1.jar"), "");
    script = tree.resolve("millrace");
    Files.copy(MillraceHome.find().root().resolve("millrace"), script);
    assertThat(script.toFile().setExecutable(true)).isTrue();
  }

  @Test
  void run_javaHomeFits_callsItWithClassPathAndArguments() throws Exception {
    Path java = installation("fits", "25.0.1");
    Outcome outcome = run(Map.of("JAVA_HOME", java.toString()), "status", "--json", "a b");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.output())
        .contains("called " + java)
        .contains("/cli/target/millrace-cli-1.jar:/lib/of-cli")
        .endsWith("io.millrace.cli.Millrace status --json a b\n");
  }

  @Test
  void run_javaHomeTooOld_looksFurther() throws Exception {
    Path old = installation("old", "17.0.15");
    Path user = folder.resolve("user");
    installation("user/.sdkman/candidates/java/25.0.2-tem", "25.0.2");
    Outcome outcome = run(Map.of("JAVA_HOME", old.toString(), "HOME", user.toString()), "status");
    // A real one of this system, if it has one, comes first and looks for the class in vain.
    assertThat(outcome.output())
        .contains("io.millrace.cli.Millrace")
        .doesNotContain("called " + old);
  }

  @Test
  void run_calledByALink_findsItsTree() throws Exception {
    Path java = installation("fits", "25");
    Path link = Files.createSymbolicLink(folder.resolve("link"), script);
    Outcome outcome = run(link, Map.of("JAVA_HOME", java.toString()), "status");
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.output()).contains("called " + java);
  }

  private Outcome run(Map<String, String> environment, String... arguments) throws Exception {
    return run(script, environment, arguments);
  }

  private static Outcome run(Path script, Map<String, String> environment, String... arguments)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder(script.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), output);
  }

  private Path installation(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Path java =
        Files.writeString(home.resolve("bin/java"), "#!/bin/sh\necho called " + home + " \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  /**
   * What a run of the script gave.
   *
   * @param exitCode its exit code
   * @param output both streams
   */
  private record Outcome(int exitCode, String output) {}
}
