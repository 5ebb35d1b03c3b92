// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.BenchException;
import io.millrace.bench.Timed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Deequ on Spark, in a process of its own on Java 17: the program of {@code
 * benchmarks/peers/deequ}, which has the protocol. Idle between passes. Not thread-safe.
 */
final class DeequProcess implements AutoCloseable {
  /** How a user gets it. */
  static final String HOW =
      "mvn -f benchmarks/peers/deequ/pom.xml compile (300 MB), and a Java 17 that "
          + Java17.VARIABLE
          + " names or /usr/lib/jvm holds";

  private static final String MAIN = "io.millrace.bench.peer.deequ.DeequPeer";
  private static final List<String> OPENED =
      List.of(
          "java.lang",
          "java.lang.invoke",
          "java.lang.reflect",
          "java.io",
          "java.net",
          "java.nio",
          "java.util",
          "java.util.concurrent",
          "java.util.concurrent.atomic",
          "sun.nio.ch",
          "sun.nio.cs",
          "sun.security.action",
          "sun.util.calendar");
  private static final long STOP_SECONDS = 30;

  private final Process process;
  private final BufferedReader answers;
  private final Path log;
  private final long rows;
  private final String name;

  private DeequProcess(Process process, Path log, long rows) throws IOException {
    this.process = process;
    this.log = log;
    this.rows = rows;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    String[] ready = answer("ready");
    name = "Deequ %s on Spark %s".formatted(ready[1].replaceAll("^deequ-|-spark.*$", ""), ready[2]);
  }

  /**
   * Starts one over a file, if it is built and there is a Java 17.
   *
   * @param peer the folder {@code benchmarks/peers/deequ}
   * @param format {@code csv} or {@code parquet}
   * @param times how often the file is read in a pass
   */
  static Optional<DeequProcess> start(
      Path peer, RetailTable table, String format, Path file, int times, int threads)
      throws IOException {
    Path classPath = peer.resolve("target/runtime.classpath");
    Optional<Path> java = Java17.find();
    if (java.isEmpty() || !Files.isRegularFile(classPath)) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>(List.of(java.get().toString(), "-Xmx2g"));
    OPENED.forEach(each -> command.add("--add-opens=java.base/" + each + "=ALL-UNNAMED"));
    command.addAll(
        List.of(
            "-cp",
            peer.resolve("target/classes") + ":" + Files.readString(classPath).strip(),
            MAIN,
            format,
            file.toString(),
            Integer.toString(times),
            Integer.toString(threads)));
    for (int i = 0; i < table.names().size(); i++) {
      command.add(table.names().get(i) + (table.numeric()[i] ? ":number" : ":text"));
    }
    Path log = Files.createTempFile("millrace-bench-deequ", ".log");
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    try {
      return Optional.of(new DeequProcess(process, log, (long) times * table.rows().size()));
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** What it is, with versions. */
  String name() {
    return name;
  }

  /** One pass over all rows, with the twenty most frequent values of each column or without. */
  Timed pass(boolean frequent) {
    try {
      process.outputWriter(StandardCharsets.UTF_8).append(frequent ? "top20\n" : "plain\n").flush();
      String[] pass = answer("pass");
      if (Long.parseLong(pass[3]) != rows) {
        throw new BenchException("Deequ saw " + pass[3] + " rows of " + rows);
      }
      return new Timed(Double.parseDouble(pass[1]), Double.parseDouble(pass[2]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String[] answer(String word) throws IOException {
    for (String line = answers.readLine(); line != null; line = answers.readLine()) {
      if (line.startsWith(word + " ")) {
        return line.split(" ");
      }
    }
    // Spark's stack traces are long, and what went wrong stands above them.
    List<String> said =
        Files.readAllLines(log).stream()
            .filter(each -> !each.startsWith("\tat ") && !each.startsWith("\t... "))
            .toList();
    throw new BenchException(
        "Deequ ended: "
            + String.join("\n", said.subList(Math.max(0, said.size() - 10), said.size())));
  }

  @Override
  public void close() throws IOException {
    process.outputWriter(StandardCharsets.UTF_8).close();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(log);
  }
}
