// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli;

import io.millrace.cli.api.ApiException;
import io.millrace.cli.command.Apply;
import io.millrace.cli.command.BenchCommand;
import io.millrace.cli.command.Caches;
import io.millrace.cli.command.Classes;
import io.millrace.cli.command.Dataset;
import io.millrace.cli.command.DemoCommand;
import io.millrace.cli.command.Down;
import io.millrace.cli.command.Features;
import io.millrace.cli.command.Keys;
import io.millrace.cli.command.Logs;
import io.millrace.cli.command.Models;
import io.millrace.cli.command.Predict;
import io.millrace.cli.command.Predictions;
import io.millrace.cli.command.ReplayCommand;
import io.millrace.cli.command.Status;
import io.millrace.cli.command.Train;
import io.millrace.cli.command.Up;
import io.millrace.local.LocalException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code millrace} command. Exit codes: 0 done, 1 failed, 2 called wrongly. */
@Command(
    name = "millrace",
    description = "An event-driven production machine-learning platform on Apache Kafka.",
    mixinStandardHelpOptions = true,
    version = "millrace 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      Up.class,
      Down.class,
      Status.class,
      Logs.class,
      Apply.class,
      ReplayCommand.class,
      Train.class,
      Models.class,
      Classes.class,
      Features.class,
      Predict.class,
      Predictions.class,
      Dataset.class,
      Keys.class,
      BenchCommand.class,
      Caches.class,
      HelpCommand.class,
      AutoComplete.GenerateCompletion.class
    })
public final class Millrace implements Runnable {
  /** Done. */
  public static final int OK = 0;

  /** Failed; the reason is on standard error. */
  public static final int FAILED = 1;

  /** Called wrongly; the usage is on standard error. */
  public static final int USAGE = 2;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The command line, to be executed any number of times. */
  public static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Millrace());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    CommandLine.IParameterExceptionHandler usual = commandLine.getParameterExceptionHandler();
    commandLine.setParameterExceptionHandler(
        (exception, arguments) -> {
          // Who misspells an option that is required wants to hear of the misspelt one.
          CommandLine failed = exception.getCommandLine();
          boolean misspelt =
              exception instanceof MissingParameterException
                  && !failed.getUnmatchedArguments().isEmpty();
          return usual.handleParseException(
              misspelt
                  ? new UnmatchedArgumentException(failed, failed.getUnmatchedArguments())
                  : exception,
              arguments);
        });
    commandLine.setExecutionExceptionHandler(
        (exception, failed, parsed) -> {
          if (exception instanceof LocalException
              || exception instanceof ApiException
              || exception instanceof IllegalStateException
              || exception instanceof java.io.UncheckedIOException) {
            failed.getErr().println(failed.getColorScheme().errorText(exception.getMessage()));
          } else {
            // Nobody foresaw it: whoever mends it needs the whole of it.
            exception.printStackTrace(failed.getErr());
          }
          return FAILED;
        });
    return commandLine;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given");
  }
}
