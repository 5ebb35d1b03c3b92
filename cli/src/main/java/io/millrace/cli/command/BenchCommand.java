// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Millrace;
import io.millrace.local.Jdk;
import io.millrace.local.LocalException;
import io.millrace.local.MillraceHome;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * Hands everything to the benchmarks of the built tree, in a JVM of their own: what they need
 * (peers, a measuring harness) is no part of the command line.
 */
@Command(
    name = "bench",
    customSynopsis =
        "millrace bench [NAME] [--list] [--json] [--write] [--runs=N] [--retail=FILE] [--help]",
    description = {
      "Measure, beside a peer or the limit of what is possible; --list names what there is.",
      "--write puts the figures into docs/benchmarks.md."
    })
public final class BenchCommand implements Callable<Integer> {
  private static final String MODULE = "benchmarks";
  private static final String MAIN = "io.millrace.bench.BenchCommand";
  private static final List<String> JAVA_OPTIONS =
      List.of(
          "-Xmx3g",
          "-XX:+UseSerialGC",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /** To stop a stack takes a while. */
  private static final long STOP_SECONDS = 90;

  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    MillraceHome home = MillraceHome.find();
    ProcessBuilder builder = new ProcessBuilder(command(home)).inheritIO();
    builder.environment().put("MILLRACE_HOME", home.root().toString());
    // Benchmarks measure stacks of their own, never the one that the caller works with.
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.equals("MILLRACE_API_KEY") || name.matches("MILLRACE_.*_URL"));
    Process process = builder.start();
    Thread onInterrupt = new Thread(() -> stop(process));
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    int exitCode = process.waitFor();
    return exitCode == Millrace.OK || exitCode == Millrace.USAGE ? exitCode : Millrace.FAILED;
  }

  private List<String> command(MillraceHome home) {
    Path classes = home.root().resolve(MODULE).resolve("target/classes");
    if (!Files.isDirectory(classes)) {
      throw new LocalException(
          MODULE + " is not built: run `mvn -q -DskipTests package` in " + home.root());
    }
    String classPath =
        Stream.concat(Stream.of(classes), home.classPath(MODULE).stream())
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Jdk.find25().java().toString());
    command.addAll(JAVA_OPTIONS);
    command.addAll(List.of("-cp", classPath, MAIN));
    command.addAll(arguments);
    return command;
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
