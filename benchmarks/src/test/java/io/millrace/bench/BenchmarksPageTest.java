// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchmarksPageTest {
  private static final Machine MACHINE = new Machine("Z80", 2, 23.4, "25", 0.5);
  private static final Bench BENCH = new Named();

  @TempDir private Path folder;

  @Test
  void write_benchmarkNotOnThePage_isAppendedWithHeading() throws Exception {
    Path file = Files.writeString(folder.resolve("page.md"), "# Page\n");
    page(file, 1);
    assertThat(Files.readAllLines(file))
        .containsExactly(
            "# Page",
            "",
            "## own",
            "what it measures",
            "",
            "<!-- bench own: written by `millrace bench` -->",
            "`./millrace bench own --write`, 2026-11-21, 2 cores (Z80), 23 GiB, Java 25,"
                + " load 0.5 at the start.",
            "",
            "| case | metric | value | unit | beside | runs |",
            "|---|---|---:|---|---|---:|",
            "| a | b | 1 | c |  | 1 |",
            "<!-- end of bench own -->");
  }

  @Test
  void write_again_replacesItsOwnLinesOnly() throws Exception {
    Path file = Files.writeString(folder.resolve("page.md"), "# Page\n");
    page(file, 1);
    Files.writeString(file, Files.readString(file) + "What it means.\n");
    page(file, 2);
    assertThat(Files.readAllLines(file))
        .startsWith("# Page", "", "## own")
        .contains("| a | b | 2 | c |  | 1 |", "What it means.")
        .doesNotContain("| a | b | 1 | c |  | 1 |")
        .hasSize(13);
  }

  @Test
  void with_oneMarkMissing_isRefused() {
    List<String> broken = List.of("<!-- bench own: written by `millrace bench` -->", "text");
    assertThatThrownBy(() -> BenchmarksPage.with(broken, BENCH, List.of()))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("not a pair");
  }

  private static void page(Path file, double value) {
    new BenchmarksPage(file)
        .write(
            BENCH,
            "./millrace bench own --write",
            "2026-11-21",
            MACHINE,
            List.of(new Measurement("own", "a", "b", value, "c", null, 1)));
  }

  private static final class Named implements Bench {
    @Override
    public String name() {
      return "own";
    }

    @Override
    public String description() {
      return "what it measures";
    }

    @Override
    public void run(BenchRun run) {
      throw new AssertionError("not run here");
    }
  }
}
