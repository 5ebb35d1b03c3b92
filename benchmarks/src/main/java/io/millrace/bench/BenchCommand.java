// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import io.millrace.cli.api.ApiException;
import io.millrace.common.serde.Json;
import io.millrace.local.LocalException;
import io.millrace.local.MillraceHome;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace bench}. Figures go to standard output, everything else to standard error. */
@Command(
    name = "millrace bench",
    description = {
      "Measure, beside a peer or the limit of what is possible in the same run.",
      "A benchmark with services starts a stack of its own and stops it at the end."
    },
    mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
  private static final int FAILED = 1;

  private final List<Bench> benches;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Which benchmark; see --list.")
  private @Nullable String name;

  @Option(names = "--list", description = "Name the benchmarks and what each measures.")
  private boolean list;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = "--write",
      description = "Put the figures into docs/benchmarks.md, in the place of the last ones.")
  private boolean write;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "How often each case is measured (default: what the benchmark finds right).")
  private @Nullable Integer runs;

  @Option(
      names = "--retail",
      paramLabel = "FILE",
      description =
          "The order lines of UCI \"Online Retail\" (default: shared/data/online-retail.csv.gz"
              + " beside or above the tree).")
  private @Nullable Path retail;

  BenchCommand(List<Bench> benches) {
    this.benches = benches;
  }

  /** Runs the command and ends the JVM with its exit code: 0 done, 1 failed, 2 called wrongly. */
  public static void main(String[] arguments) {
    System.exit(commandLine(Benches.all()).execute(arguments));
  }

  static CommandLine commandLine(List<Bench> benches) {
    CommandLine commandLine = new CommandLine(new BenchCommand(benches));
    commandLine.setExecutionExceptionHandler(
        (exception, failed, parsed) -> {
          if (exception instanceof BenchException
              || exception instanceof ApiException
              || exception instanceof LocalException) {
            failed.getErr().println(exception.getMessage());
          } else {
            exception.printStackTrace(failed.getErr());
          }
          return FAILED;
        });
    return commandLine;
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      benches.forEach(bench -> out.println(json ? listed(bench) : line(bench)));
      return 0;
    }
    Bench bench = find();
    MillraceHome home = MillraceHome.find();
    BenchOptions options = options(home);
    PrintWriter err = spec.commandLine().getErr();
    Machine machine = Machine.here();
    say(err, bench.name() + ": " + machine.line());
    List<Measurement> figures = new ArrayList<>();
    bench.run(
        new BenchRun(
            bench.name(),
            options,
            figure -> {
              figures.add(figure);
              if (json) {
                out.println(Json.mapper().writeValueAsString(figure));
                out.flush();
              }
            },
            line -> say(err, line)));
    if (!json) {
      ResultTable.plain(figures).forEach(out::println);
    }
    if (write) {
      new BenchmarksPage(home.root().resolve("docs/benchmarks.md"))
          .write(bench, asTyped(), LocalDate.now(ZoneOffset.UTC).toString(), machine, figures);
    }
    return 0;
  }

  private Bench find() {
    if (name == null) {
      throw new ParameterException(spec.commandLine(), "no benchmark named; --list names them");
    }
    return benches.stream()
        .filter(bench -> bench.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "there is no benchmark '%s'; there are %s"
                        .formatted(
                            name, String.join(", ", benches.stream().map(Bench::name).toList()))));
  }

  private BenchOptions options(MillraceHome home) {
    if (retail != null && !Files.isRegularFile(retail)) {
      throw new ParameterException(spec.commandLine(), "--retail: there is no file " + retail);
    }
    try {
      return new BenchOptions(
          home,
          runs == null ? OptionalInt.empty() : OptionalInt.of(runs),
          Optional.ofNullable(retail).or(() -> RetailFile.near(home.root())));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--runs: " + e.getMessage(), e);
    }
  }

  /** How to get these figures again; without the way to a file, which is this machine's own. */
  private String asTyped() {
    StringBuilder typed = new StringBuilder("./millrace bench ").append(name);
    if (runs != null) {
      typed.append(" --runs ").append(runs);
    }
    return typed.append(" --write").toString();
  }

  private static String line(Bench bench) {
    return String.format(Locale.ROOT, "%-14s %s", bench.name(), bench.description());
  }

  private static String listed(Bench bench) {
    Map<String, String> entry = new LinkedHashMap<>();
    entry.put("bench", bench.name());
    entry.put("description", bench.description());
    return Json.mapper().writeValueAsString(entry);
  }

  private static void say(PrintWriter err, String line) {
    err.println(line);
    err.flush();
  }
}
