// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.Millrace;
import io.millrace.cli.StackSettings;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.Stack;
import io.millrace.cli.stack.StackOptions;
import io.millrace.local.LocalException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts the stack and leaves it running. */
@Command(
    name = "up",
    description = "Start Kafka, Redis, Cassandra and the six services, and leave them running.",
    mixinStandardHelpOptions = true)
public final class Up implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Mixin private StackSettings settings = new StackSettings();

  @Option(
      names = "--port-base",
      paramLabel = "PORT",
      defaultValue = "" + Service.PORT_BASE,
      description =
          "Port of the first service, the others follow; 0 chooses free ones (default:"
              + " ${DEFAULT-VALUE}).")
  private int portBase;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "180",
      description = "How long each process may take until it is ready (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "SERVICE",
      description = "Only these services, such as ingest,feature-store (default: all).")
  private List<String> only = List.of();

  @Option(names = "--json", description = "Print the result for machines.")
  private boolean json;

  @Override
  public Integer call() {
    Console console = Console.standard();
    long begin = System.nanoTime();
    Stack stack = new Stack(options());
    if (!stack.hasStartCaches()) {
      console.progress(
          "no start-up caches for this build: `./millrace caches` makes later starts fast");
    }
    AtomicBoolean up = new AtomicBoolean();
    Thread onInterrupt =
        new Thread(
            () -> {
              if (!up.get()) {
                console.progress("stopping what was started");
                try {
                  stack.stop(console::progress);
                } catch (LocalException e) {
                  console.progress(String.valueOf(e.getMessage()));
                }
              }
            });
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    try {
      stack.start(console::progress);
      stack.detach();
      up.set(true);
    } catch (LocalException e) {
      // What was started is stopped already.
      up.set(true);
      throw e;
    }
    console.progress("up after %.1f s".formatted((System.nanoTime() - begin) / 1e9));
    StackReport report = StackReport.of(stack);
    if (json) {
      console.json(report);
    } else {
      report.table().forEach(console::result);
    }
    return Millrace.OK;
  }

  private StackOptions options() {
    try {
      StackOptions options =
          settings.options().withPortBase(portBase).withTimeout(Duration.ofSeconds(timeoutSeconds));
      return only.isEmpty() ? options : options.withServices(named());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Set<Service> named() {
    Set<Service> services = EnumSet.noneOf(Service.class);
    for (String id : only) {
      services.add(
          Service.of(id)
              .orElseThrow(() -> new IllegalArgumentException("no service is called " + id)));
    }
    return services;
  }
}
