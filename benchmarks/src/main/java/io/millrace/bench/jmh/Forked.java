// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.jmh;

import io.millrace.bench.BenchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the one benchmark of a class in a JVM of its own. */
public final class Forked {
  private static final int WARM_UPS = 2;
  private static final int MEASUREMENTS = 3;
  private static final TimeValue TIME = TimeValue.seconds(2);

  private Forked() {}

  /**
   * What one JVM measured.
   *
   * @param perSecond operations
   * @param bytesPerOperation allocated on the heap
   */
  public record Result(double perSecond, double bytesPerOperation) {}

  /**
   * Operations a second: two times two seconds to warm up, three times two seconds measured.
   *
   * @param type has exactly one method to measure
   * @param parameters its parameters, by name
   * @throws BenchException where it fails, with JMH's words
   */
  public static Result throughput(Class<?> type, Map<String, String> parameters) {
    RunResult result = run(type, parameters, Mode.Throughput, TimeUnit.SECONDS);
    return new Result(
        result.getPrimaryResult().getScore(),
        Objects.requireNonNull(result.getSecondaryResults().get("gc.alloc.rate.norm")).getScore());
  }

  /** The time in µs that one in a hundred operations exceeds; else as {@link #throughput}. */
  public static double p99Micros(Class<?> type, Map<String, String> parameters) {
    return run(type, parameters, Mode.SampleTime, TimeUnit.MICROSECONDS)
        .getPrimaryResult()
        .getStatistics()
        .getPercentile(99);
  }

  private static RunResult run(
      Class<?> type, Map<String, String> parameters, Mode mode, TimeUnit unit) {
    Path log = log();
    try {
      ChainedOptionsBuilder options =
          new OptionsBuilder()
              .include("^" + type.getName().replace(".", "\\.") + "\\.")
              .mode(mode)
              .timeUnit(unit)
              .forks(1)
              .warmupIterations(WARM_UPS)
              .warmupTime(TIME)
              .measurementIterations(MEASUREMENTS)
              .measurementTime(TIME)
              .addProfiler(GCProfiler.class)
              .jvmArgs("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC")
              .shouldFailOnError(true)
              // JMH writes to standard output, where the figures belong.
              .output(log.toString());
      parameters.forEach(options::param);
      Collection<RunResult> results = new Runner(options.build()).run();
      if (results.size() != 1) {
        throw new BenchException(type.getSimpleName() + " gave " + results.size() + " results");
      }
      return results.iterator().next();
    } catch (RunnerException e) {
      throw new BenchException(type.getSimpleName() + ": " + e.getMessage() + "\n" + text(log), e);
    } finally {
      delete(log);
    }
  }

  private static Path log() {
    try {
      return Files.createTempFile("millrace-bench-", ".log");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "(its output cannot be read: " + e.getMessage() + ")";
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
