// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.stack.Stack;
import io.millrace.cli.stack.StackFolder;
import io.millrace.cli.stack.StackOptions;
import io.millrace.local.MillraceHome;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the start-up caches of a build. */
@Command(
    name = "caches",
    description = {
      "Make the services' start-up caches, once for each build: a stack is started aside, on free"
          + " ports and in a folder of its own, and stopped again.",
      "Without them everything works, and starts more slowly."
    },
    mixinStandardHelpOptions = true)
public final class Caches implements Callable<Integer> {
  @Option(names = "--missing", description = "Do nothing where all are there.")
  private boolean missing;

  @Override
  public Integer call() {
    Console console = Console.standard();
    MillraceHome home = MillraceHome.find();
    StackFolder aside = new StackFolder(home.root().resolve("target/start-caches/stack"));
    StackOptions options =
        StackOptions.usual(home, aside)
            .withPortBase(0)
            .withStartCaches(StackOptions.StartCaches.MAKE);
    Stack stack = new Stack(options);
    if (missing && stack.hasStartCaches()) {
      return Millrace.OK;
    }
    long begin = System.nanoTime();
    // What runs ends with this JVM in any case; nothing of it is wanted later.
    stack.purge(line -> {});
    stack.start(console::progress);
    console.progress("writing the caches");
    stack.purge(console::progress);
    console.progress("caches made in %.1f s".formatted((System.nanoTime() - begin) / 1e9));
    return Millrace.OK;
  }
}
