// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import io.millrace.cli.stack.ServiceProcess;
import io.millrace.cli.stack.Stack;
import io.millrace.local.Backend;
import io.millrace.local.ManagedProcess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows logs. */
@Command(
    name = "logs",
    description = "Show the end of the logs of all processes, or of one.",
    mixinStandardHelpOptions = true)
public final class Logs implements Callable<Integer> {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int PAUSE_MS = 200;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Mixin private StackSettings settings = new StackSettings();

  @Parameters(
      arity = "0..1",
      paramLabel = "SERVICE",
      description = "A service or a backend, such as ingest or kafka.")
  private @Nullable String name;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what is written from now on.")
  private boolean follow;

  @Option(
      names = {"-n", "--lines"},
      defaultValue = "30",
      paramLabel = "N",
      description = "How many lines of each (default: ${DEFAULT-VALUE}).")
  private int lines;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Console console = Console.standard();
    Map<String, Path> files = files();
    Map<String, Long> positions = new LinkedHashMap<>();
    for (Map.Entry<String, Path> entry : files.entrySet()) {
      Path file = entry.getValue();
      positions.put(entry.getKey(), Files.exists(file) ? Files.size(file) : 0);
      ManagedProcess.tail(file, lines)
          .lines()
          .forEach(line -> console.result(prefix(entry.getKey()) + line));
    }
    while (follow) {
      for (Map.Entry<String, Path> entry : files.entrySet()) {
        positions.merge(entry.getKey(), 0L, (old, zero) -> show(console, entry, old));
      }
      Thread.sleep(PAUSE_MS);
    }
    return Millrace.OK;
  }

  /** Writes whole lines after that position and says where they end. */
  private long show(Console console, Map.Entry<String, Path> entry, long position) {
    if (!Files.exists(entry.getValue())) {
      return 0;
    }
    try (RandomAccessFile file = new RandomAccessFile(entry.getValue().toFile(), "r")) {
      long start = file.length() < position ? 0 : position;
      byte[] bytes = new byte[(int) Math.min(CHUNK_BYTES, file.length() - start)];
      file.seek(start);
      file.readFully(bytes);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      if (end == 0 && bytes.length == CHUNK_BYTES) {
        end = bytes.length;
      }
      new String(bytes, 0, end, StandardCharsets.UTF_8)
          .lines()
          .forEach(line -> console.result(prefix(entry.getKey()) + line));
      return start + end;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String prefix(String process) {
    return name == null ? "%-14s | ".formatted(process) : "";
  }

  private Map<String, Path> files() {
    Stack stack = settings.stack();
    Map<String, Path> all = new LinkedHashMap<>();
    for (ServiceProcess service : stack.services()) {
      all.put(service.service().id(), service.logFile());
    }
    for (Backend backend : stack.backends().backends()) {
      all.put(backend.name(), backend.logFile());
    }
    if (name == null) {
      return all;
    }
    Path file = all.get(name);
    if (file == null) {
      throw new ParameterException(
          spec.commandLine(), "no process is called " + name + ", only " + all.keySet());
    }
    return Map.of(name, file);
  }
}
