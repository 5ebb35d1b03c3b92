// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what runs and what the books of each application say. */
@Command(
    name = "status",
    description = {
      "Show what runs, its memory, and the books of each application.",
      "Exits with 1 where something does not run or is not ready."
    },
    mixinStandardHelpOptions = true)
public final class Status implements Callable<Integer> {
  @Mixin private StackSettings settings = new StackSettings();

  @Option(names = "--json", description = "Print for machines.")
  private boolean json;

  @Override
  public Integer call() {
    Console console = Console.standard();
    StackReport report = StackReport.of(settings.stack());
    if (json) {
      console.json(report);
    } else {
      report.table().forEach(console::result);
    }
    return report.allReady() ? Millrace.OK : Millrace.FAILED;
  }
}
