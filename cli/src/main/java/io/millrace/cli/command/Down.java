// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import io.millrace.cli.stack.Stack;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Stops the stack. */
@Command(
    name = "down",
    description = "Stop the services and the backends; their data stays.",
    mixinStandardHelpOptions = true)
public final class Down implements Callable<Integer> {
  @Mixin private StackSettings settings = new StackSettings();

  @Option(names = "--purge", description = "Also remove all data, logs and keys.")
  private boolean purge;

  @Override
  public Integer call() {
    Console console = Console.standard();
    Stack stack = settings.stack();
    if (purge) {
      stack.purge(console::progress);
    } else {
      stack.stop(console::progress);
    }
    return Millrace.OK;
  }
}
