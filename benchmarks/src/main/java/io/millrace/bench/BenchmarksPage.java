// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The page that keeps the figures. Each benchmark owns the lines between two marks; what people
 * write around them stays.
 */
final class BenchmarksPage {
  private final Path file;

  BenchmarksPage(Path file) {
    this.file = file;
  }

  /** Puts new figures in the place of the benchmark's last ones, at the end where it had none. */
  void write(Bench bench, String command, String date, Machine machine, List<Measurement> figures) {
    try {
      List<String> before = Files.exists(file) ? Files.readAllLines(file) : List.of();
      Files.write(file, with(before, bench, section(command, date, machine, figures)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> section(
      String command, String date, Machine machine, List<Measurement> figures) {
    List<String> lines = new ArrayList<>();
    lines.add("`" + command + "`, " + date + ", " + machine.line() + ".");
    lines.add("");
    lines.addAll(ResultTable.markdown(figures));
    return lines;
  }

  /**
   * The page with these lines as the benchmark's own.
   *
   * @throws BenchException where the page has only one of the two marks
   */
  static List<String> with(List<String> page, Bench bench, List<String> section) {
    String begin = "<!-- bench " + bench.name() + ": written by `millrace bench` -->";
    String end = "<!-- end of bench " + bench.name() + " -->";
    int from = page.indexOf(begin);
    int to = page.indexOf(end);
    List<String> lines = new ArrayList<>();
    if (from < 0 && to < 0) {
      lines.addAll(page);
      lines.addAll(List.of("", "## " + bench.name(), bench.description(), "", begin));
      lines.addAll(section);
      lines.add(end);
      return lines;
    }
    if (from < 0 || to < from) {
      throw new BenchException("the marks of " + bench.name() + " on the page are not a pair");
    }
    lines.addAll(page.subList(0, from + 1));
    lines.addAll(section);
    lines.addAll(page.subList(to, page.size()));
    return lines;
  }
}
