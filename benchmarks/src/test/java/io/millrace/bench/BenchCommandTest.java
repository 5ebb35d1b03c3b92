// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.serde.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

final class BenchCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void list_ofAll_namesEachOnceWithDescription() {
    assertThat(execute(Benches.all(), "--list")).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSameSizeAs(Benches.all());
    assertThat(Benches.all())
        .extracting(Bench::name)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("[a-z0-9-]+"));
    assertThat(out.toString()).contains("loop");
  }

  @Test
  void list_json_isOneObjectALine() {
    assertThat(execute(List.of(new Fixed()), "--list", "--json")).isZero();
    JsonNode line = Json.mapper().readTree(out.toString());
    assertThat(line.path("bench").asString()).isEqualTo("fixed");
    assertThat(line.path("description").asString()).isEqualTo("two figures");
  }

  @Test
  void run_json_printsEachFigureWithEveryMember() {
    assertThat(execute(List.of(new Fixed()), "fixed", "--json")).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines)
        .containsExactly(
            "{\"bench\":\"fixed\",\"case\":\"one\",\"metric\":\"speed\",\"value\":2.0,"
                + "\"unit\":\"m/s\",\"beside\":{\"name\":\"peer\",\"value\":4.0},\"runs\":3}",
            "{\"bench\":\"fixed\",\"case\":\"two\",\"metric\":\"size\",\"value\":1234.6,"
                + "\"unit\":\"B\",\"beside\":null,\"runs\":1}");
    assertThat(err.toString()).contains("measuring").contains("cores");
  }

  @Test
  void run_plain_printsATable() {
    assertThat(execute(List.of(new Fixed()), "fixed")).isZero();
    assertThat(out.toString()).contains("peer 4 (×0.500)").contains("1,235");
  }

  @Test
  void run_options_reachTheBenchmark() throws Exception {
    Path file = Files.writeString(folder.resolve("retail.csv"), "x");
    assertThat(execute(List.of(new Asking()), "asking", "--runs", "7", "--retail", file.toString()))
        .isZero();
    assertThat(out.toString()).contains("7 runs of retail.csv");
  }

  @Test
  void run_calledWrongly_exitsWith2AndSaysWhy() {
    assertThat(execute(List.of(new Fixed()))).isEqualTo(2);
    assertThat(execute(List.of(new Fixed()), "nosuch")).isEqualTo(2);
    assertThat(execute(List.of(new Fixed()), "fixed", "--runs", "0")).isEqualTo(2);
    assertThat(execute(List.of(new Fixed()), "fixed", "--retail", "no-such-file")).isEqualTo(2);
    assertThat(execute(List.of(new Fixed()), "fixed", "--nosuch")).isEqualTo(2);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .contains("no benchmark named")
        .contains("there is no benchmark 'nosuch'; there are fixed")
        .contains("runs are 1 to 100")
        .contains("there is no file no-such-file");
  }

  @Test
  void run_benchmarkFails_exitsWith1AndItsReason() {
    assertThat(execute(List.of(new Failing()), "failing", "--json")).isEqualTo(1);
    assertThat(err.toString()).contains("nothing to measure").doesNotContain("\tat ");
    assertThat(out.toString()).isEmpty();
  }

  private int execute(List<Bench> benches, String... arguments) {
    CommandLine commandLine = BenchCommand.commandLine(benches);
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private static final class Fixed implements Bench {
    @Override
    public String name() {
      return "fixed";
    }

    @Override
    public String description() {
      return "two figures";
    }

    @Override
    public void run(BenchRun run) {
      run.say("measuring");
      run.result("one", "speed", "m/s", List.of(9.0, 1.0, 2.0), "peer", List.of(4.0, 5.0, 3.0));
      run.result("two", "size", "B", 1234.5678);
    }
  }

  private static final class Asking implements Bench {
    @Override
    public String name() {
      return "asking";
    }

    @Override
    public String description() {
      return "what it was given";
    }

    @Override
    public void run(BenchRun run) {
      run.result(run.runs(3) + " runs of " + run.requireRetail().getFileName(), "n", "", 1);
    }
  }

  private static final class Failing implements Bench {
    @Override
    public String name() {
      return "failing";
    }

    @Override
    public String description() {
      return "fails";
    }

    @Override
    public void run(BenchRun run) {
      throw new BenchException("nothing to measure");
    }
  }
}
