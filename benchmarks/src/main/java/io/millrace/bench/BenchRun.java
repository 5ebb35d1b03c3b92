// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench;

import io.millrace.bench.Measurement.Beside;
import io.millrace.local.MillraceHome;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One run of one benchmark: what it is given, and where its figures go. */
public final class BenchRun {
  private final String bench;
  private final BenchOptions options;
  private final Consumer<Measurement> results;
  private final Consumer<String> progress;

  /**
   * @param results told of each figure as soon as it is known
   * @param progress told, for people, what is going on
   */
  public BenchRun(
      String bench,
      BenchOptions options,
      Consumer<Measurement> results,
      Consumer<String> progress) {
    this.bench = bench;
    this.options = options;
    this.results = results;
    this.progress = progress;
  }

  /** The built tree. */
  public MillraceHome home() {
    return options.home();
  }

  /** How often to measure each case, where nobody asked for another number. */
  public int runs(int usual) {
    return options.runs().orElse(usual);
  }

  /** The retail file, where there is one. */
  public Optional<Path> retail() {
    return options.retail();
  }

  /** The retail file of a benchmark that is nothing without it. */
  public Path requireRetail() {
    return retail()
        .orElseThrow(
            () ->
                new BenchException(
                    bench
                        + " needs the order lines of UCI \"Online Retail\": name the file with"
                        + " --retail FILE"));
  }

  /** Says what is going on. */
  public void say(String line) {
    progress.accept(line);
  }

  /** A figure on its own: the median of these values. */
  public void result(String subject, String metric, String unit, List<Double> values) {
    results.accept(
        new Measurement(bench, subject, metric, Median.of(values), unit, null, values.size()));
  }

  /** A figure on its own that was taken once. */
  public void result(String subject, String metric, String unit, double value) {
    result(subject, metric, unit, List.of(value));
  }

  /** A figure with what it stands beside: the medians of both, from the same runs. */
  public void result(
      String subject,
      String metric,
      String unit,
      List<Double> values,
      String besideName,
      List<Double> beside) {
    results.accept(
        new Measurement(
            bench,
            subject,
            metric,
            Median.of(values),
            unit,
            new Beside(besideName, Median.of(beside)),
            values.size()));
  }

  /**
   * A figure that is not a median but made of many runs at once, such as a share of them.
   *
   * @param beside what it stands beside; null for nothing
   */
  public void overall(
      String subject, String metric, String unit, double value, @Nullable Beside beside, int runs) {
    results.accept(new Measurement(bench, subject, metric, value, unit, beside, runs));
  }
}
