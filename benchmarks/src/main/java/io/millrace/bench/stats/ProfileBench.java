// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Timed;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.ProfileSummary;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.openjdk.jol.info.GraphLayout;

/**
 * Profiling the retail file ten times over: every column, every statistic that {@link
 * ProfileSummary} shows. Beside it a pass over the same rows that only counts, adds, compares and
 * hashes: what remains when there is no statistic to speak of; and, on as many cores and from a
 * file of the same form, DuckDB's summary of the same rows, and Deequ's where it is built.
 */
public final class ProfileBench implements Bench {
  private static final int RUNS = 5;
  private static final int TIMES = 10;
  private static final String LIMIT = "count, sum, least, greatest, hash";
  private static final String DUCKDB = "DuckDB: SUMMARIZE, quantiles, top 20";

  /** A pass of it takes twenty seconds. */
  private static final int DEEQU_RUNS = 2;

  @Override
  public String name() {
    return "profile";
  }

  @Override
  public String description() {
    return "rows/s of profiling the retail file x10, all columns and statistics, beside a minimal"
        + " pass, DuckDB and Deequ; memory per column";
  }

  @Override
  public void run(BenchRun run) {
    RetailTable table = RetailTable.read(run.requireRetail());
    run.say("  %,d rows of %d columns".formatted(table.rows().size(), table.names().size()));
    int cores = Runtime.getRuntime().availableProcessors();
    RowSource parsed = RowSource.parsed(table);
    beside(run, table, "parsed rows, 1 core", parsed, 1, LIMIT, limit(parsed, 1));
    String on = ", " + cores + " cores";
    beside(run, table, "parsed rows" + on, parsed, cores, LIMIT, limit(parsed, cores));
    // Like beside like: all of them read the same file, which the page cache holds.
    try (DuckDbSummary peer = new DuckDbSummary(table, cores)) {
      String parquetOn = "from a Parquet file" + on;
      RowSource parquet = RowSource.parquet(peer.parquet());
      beside(run, table, parquetOn, parquet, cores, LIMIT, limit(parquet, cores));
      Supplier<Timed> duckDbParquet = () -> Timed.of(() -> peer.ofParquet(TIMES));
      beside(run, table, parquetOn, parquet, cores, DUCKDB, duckDbParquet);
      deequ(run, table, parquetOn, parquet, "parquet", peer.parquet(), cores);
      String csvOn = "from a CSV file" + on;
      RowSource csv = RowSource.csv(table, peer.csv());
      beside(run, table, csvOn, csv, cores, LIMIT, limit(csv, cores));
      Supplier<Timed> duckDbCsv = () -> Timed.of(() -> peer.ofCsv(TIMES));
      beside(run, table, csvOn, csv, cores, DUCKDB, duckDbCsv);
      deequ(run, table, csvOn, csv, "csv", peer.csv(), cores);
    } catch (SQLException | IOException e) {
      throw new BenchException("a peer failed: " + e.getMessage(), e);
    }
    memory(run, table);
  }

  private static Supplier<Timed> limit(RowSource source, int threads) {
    return () -> Timed.of(() -> RowSource.pass(source, TIMES, threads, MinimalPass::new));
  }

  private static Supplier<Timed> profile(RetailTable table, RowSource source, int threads) {
    return () ->
        Timed.of(() -> RowSource.pass(source, TIMES, threads, () -> new ProfilePass(table)));
  }

  /** A profile and what it stands beside, each in turn, so that both meet the same machine. */
  private static void beside(
      BenchRun run,
      RetailTable table,
      String subject,
      RowSource source,
      int threads,
      String otherName,
      Supplier<Timed> other) {
    beside(
        run,
        table,
        subject,
        profile(table, source, threads),
        run.runs(RUNS),
        Map.of(otherName, other));
  }

  private static void deequ(
      BenchRun run,
      RetailTable table,
      String subject,
      RowSource source,
      String format,
      Path file,
      int threads)
      throws IOException {
    Path folder = run.home().root().resolve("benchmarks/peers/deequ");
    Optional<DeequProcess> started =
        DeequProcess.start(folder, table, format, file, TIMES, threads);
    if (started.isEmpty()) {
      run.say("  Deequ is left out; it needs " + DeequProcess.HOW);
      return;
    }
    try (DeequProcess peer = started.get()) {
      Map<String, Supplier<Timed>> others = new LinkedHashMap<>();
      others.put(peer.name() + " without top 20", () -> peer.pass(false));
      others.put(peer.name() + " with top 20", () -> peer.pass(true));
      beside(
          run,
          table,
          subject,
          profile(table, source, threads),
          Math.min(DEEQU_RUNS, run.runs(RUNS)),
          others);
    }
  }

  private static void beside(
      BenchRun run,
      RetailTable table,
      String subject,
      Supplier<Timed> own,
      int runs,
      Map<String, Supplier<Timed>> others) {
    List<Timed> ownTimes = new ArrayList<>();
    Map<String, List<Timed>> otherTimes = new LinkedHashMap<>();
    for (int i = 0; i <= runs; i++) {
      others.forEach(
          (name, other) ->
              otherTimes.computeIfAbsent(name, _ -> new ArrayList<>()).add(other.get()));
      ownTimes.add(own.get());
    }
    // The first of each only warmed up.
    ownTimes.removeFirst();
    otherTimes.forEach(
        (name, times) -> {
          times.removeFirst();
          report(run, table, subject, ownTimes, name, times);
        });
  }

  private static void report(
      BenchRun run,
      RetailTable table,
      String subject,
      List<Timed> own,
      String otherName,
      List<Timed> other) {
    double rows = (double) TIMES * table.rows().size();
    run.say("  %s: %,.0f rows/s".formatted(subject, rows / own.getLast().seconds()));
    run.result(
        subject,
        "throughput",
        "rows/s",
        own.stream().map(each -> rows / each.seconds()).toList(),
        otherName,
        other.stream().map(each -> rows / each.seconds()).toList());
    run.result(
        subject,
        "rows a CPU second",
        "rows/CPU s",
        own.stream().map(each -> rows / each.cpuSeconds()).toList(),
        otherName,
        other.stream().map(each -> rows / each.cpuSeconds()).toList());
  }

  private static void memory(BenchRun run, RetailTable table) {
    double largest = 0;
    for (int i = 0; i < table.names().size(); i++) {
      ColumnProfile profile = profile(table, i);
      // Everything that the profile refers to, object by object; not what a collector leaves.
      double retained = GraphLayout.parseInstance(profile).totalSize() / 1024.0;
      largest = Math.max(largest, retained);
      run.result(table.names().get(i), "heap of a column's profile", "KiB", retained);
      run.result(
          table.names().get(i),
          "a column's profile as bytes",
          "KiB",
          profile.toBytes().length / 1024.0);
    }
    run.result("largest column", "heap of a column's profile", "KiB", largest);
  }

  private static ColumnProfile profile(RetailTable table, int column) {
    ColumnProfile profile = new ColumnProfile();
    boolean numeric = table.numeric()[column];
    table.rows().forEach(row -> ProfilePass.update(profile, numeric, row[column]));
    return profile;
  }
}
