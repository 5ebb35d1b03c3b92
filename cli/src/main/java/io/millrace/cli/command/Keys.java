// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import io.millrace.cli.stack.StackFolder;
import io.millrace.common.security.ApiKeyFile;
import io.millrace.common.security.ApiKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists, adds and removes the API keys with roles of a stack on this machine. */
@Command(
    name = "keys",
    description = {
      "List, add and remove API keys with roles. The services take a change up within a second;",
      "with the first key, reading features needs one."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
public final class Keys implements Runnable {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "write list, add or remove");
  }

  @Command(
      name = "list",
      description = "List the keys by name, with their roles.",
      mixinStandardHelpOptions = true)
  int list(
      @Mixin StackSettings settings,
      @Option(names = "--json", description = "Print for machines.") boolean json) {
    ApiKeyFile file = read(settings.folder().roleFile());
    Console console = Console.standard();
    if (json) {
      console.json(file);
      return Millrace.OK;
    }
    if (file.open()) {
      console.progress("reading features needs no key");
    } else if (file.keys().isEmpty()) {
      console.progress("no key; features are read with the platform's");
    }
    for (ApiKeyFile.Entry key : file.keys()) {
      console.result(
          "%-20s%s%s%s"
              .formatted(
                  key.name(),
                  role("read", key.read()),
                  role("write", key.write()),
                  role("admin", key.admin())));
    }
    return Millrace.OK;
  }

  private static String role(String name, List<String> what) {
    return what.isEmpty() ? "" : "  " + name + " " + String.join(",", what);
  }

  @Command(
      name = "add",
      description = {
        "Add a key and print it on standard output: this once, only its SHA-256 is kept."
      },
      mixinStandardHelpOptions = true)
  int add(
      @Mixin StackSettings settings,
      @Parameters(paramLabel = "NAME", description = "Whose key it is.") String name,
      @Option(
              names = "--read",
              split = ",",
              paramLabel = "APP/VIEW",
              description =
                  "Read these features online: app/view or app/view.feature, * for any characters.")
          @Nullable List<String> read,
      @Option(
              names = "--write",
              split = ",",
              paramLabel = "APP",
              description = "Send events, outcomes and prediction requests to these applications.")
          @Nullable List<String> write,
      @Option(
              names = "--admin",
              split = ",",
              paramLabel = "APP",
              description = "Change and delete these applications, and read and write them.")
          @Nullable List<String> admin,
      @Option(names = "--json", description = "Print for machines.") boolean json) {
    List<String> views = orNone(read);
    if (views.isEmpty() && orNone(write).isEmpty() && orNone(admin).isEmpty()) {
      throw wrong("add", "a key needs --read, --write or --admin");
    }
    for (String view : views) {
      if (view.indexOf('/') < 1) {
        throw wrong("add", "--read: write app/view, not '" + view + "'");
      }
    }
    if (name.isBlank()) {
      throw wrong("add", "a key needs a name");
    }
    String key = StackFolder.newKey();
    ApiKeyFile.Entry entry =
        new ApiKeyFile.Entry(name, ApiKeys.hash(key), views, orNone(write), orNone(admin));
    ApiKeyFile before =
        change(
            settings.folder().roleFile(),
            file -> {
              if (file.has(name)) {
                throw wrong("add", "there is a key of " + name);
              }
              return file.with(entry);
            });
    Console console = Console.standard();
    if (before.open()) {
      console.progress("from now on reading features needs a key");
    }
    if (json) {
      console.json(Map.of("name", name, "key", key));
    } else {
      console.progress("the key of " + name + ", shown only now:");
      console.result(key);
    }
    return Millrace.OK;
  }

  @Command(
      name = "remove",
      description = "Remove a key; who presents it is refused within a second.",
      mixinStandardHelpOptions = true)
  int remove(
      @Mixin StackSettings settings,
      @Parameters(paramLabel = "NAME", description = "Whose key it is.") String name) {
    Path path = settings.folder().roleFile();
    change(
        path,
        file -> {
          if (!file.has(name)) {
            throw new IllegalStateException("there is no key of " + name + " in " + path);
          }
          return file.without(name);
        });
    Console.standard().progress("removed the key of " + name);
    return Millrace.OK;
  }

  private ParameterException wrong(String command, String message) {
    return new ParameterException(spec.subcommands().get(command), message);
  }

  private static List<String> orNone(@Nullable List<String> list) {
    return list == null ? List.of() : list;
  }

  private static ApiKeyFile read(Path path) {
    try {
      return Files.exists(path) ? ApiKeyFile.read(path) : ApiKeyFile.OPEN;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(path + ": " + e.getMessage(), e);
    }
  }

  /** Changes the file, one command after the other; returns what it was before. */
  private static ApiKeyFile change(Path path, UnaryOperator<ApiKeyFile> change) {
    Path lock = path.resolveSibling(path.getFileName() + ".lock");
    try {
      Files.createDirectories(path.toAbsolutePath().getParent());
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        ApiKeyFile before = read(path);
        change.apply(before).write(path);
        return before;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path, e);
    }
  }
}
