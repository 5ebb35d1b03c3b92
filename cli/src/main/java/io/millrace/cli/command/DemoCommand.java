// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.demo.Demonstration;
import io.millrace.cli.stack.Service;
import io.millrace.local.MillraceHome;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the whole loop on the simulated yarn shop. */
@Command(
    name = "demo",
    description = {
      "Start a stack of its own, run the simulated yarn shop through it, and show the loop:",
      "features, a first model, predictions, drift, a retrained model, a unit bug held back.",
      "Exits with 0 only if every milestone was reached."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--folder",
      paramLabel = "FOLDER",
      description = "Where the demonstration's stack keeps its data (default: .millrace/demo).")
  private @Nullable Path data;

  @Option(
      names = "--port-base",
      paramLabel = "PORT",
      defaultValue = "" + Service.PORT_BASE,
      description = "Port of the first service; 0 chooses free ones (default: ${DEFAULT-VALUE}).")
  private int portBase;

  @Option(names = "--keep", description = "Leave the stack up at the end.")
  private boolean keep;

  @Option(names = "--json", description = "Print the report as one JSON object on the last line.")
  private boolean json;

  @Override
  public Integer call() {
    MillraceHome home = MillraceHome.find();
    Path folder = data == null ? home.root().resolve(".millrace").resolve("demo") : data;
    Demonstration demonstration =
        new Demonstration(Console.standard(), home, folder, portBase, keep, json);
    return demonstration.run() ? Millrace.OK : Millrace.FAILED;
  }
}
