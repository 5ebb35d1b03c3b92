// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Timed;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.ProfileSummary;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openjdk.jol.info.GraphLayout;

/**
 * Profiling the retail file ten times over: every column, every statistic that {@link
 * ProfileSummary} shows. Beside it a pass over the same rows that only counts, adds, compares and
 * hashes: what remains when there is no statistic to speak of; and DuckDB's summary of the same
 * rows, on as many cores.
 */
public final class ProfileBench implements Bench {
  private static final int RUNS = 5;
  private static final int TIMES = 10;
  private static final String LIMIT = "count, sum, least, greatest, hash";
  private static final String PARQUET = "DuckDB from Parquet: SUMMARIZE, quantiles, top 20";
  private static final String CSV = "DuckDB from CSV: SUMMARIZE, quantiles, top 20";

  @Override
  public String name() {
    return "profile";
  }

  @Override
  public String description() {
    return "rows/s of profiling the retail file x10, all columns and statistics, beside a minimal"
        + " pass; memory per column";
  }

  @Override
  public void run(BenchRun run) {
    RetailTable table = RetailTable.read(run.requireRetail());
    run.say("  %,d rows of %d columns".formatted(table.rows().size(), table.names().size()));
    int cores = Runtime.getRuntime().availableProcessors();
    speed(run, table, "parsed rows, 1 core", 1, false);
    speed(run, table, "parsed rows, " + cores + " cores", cores, false);
    speed(run, table, "from CSV text, " + cores + " cores", cores, true);
    duckDb(run, table, cores);
    memory(run, table);
  }

  private static void speed(
      BenchRun run, RetailTable table, String subject, int threads, boolean parsing) {
    List<Timed> profiles = new ArrayList<>();
    List<Timed> limits = new ArrayList<>();
    int runs = run.runs(RUNS);
    for (int i = 0; i <= runs; i++) {
      limits.add(Timed.of(() -> pass(table, threads, parsing, MinimalPass::new)));
      profiles.add(Timed.of(() -> pass(table, threads, parsing, () -> new ProfilePass(table))));
    }
    report(run, table, subject, profiles, LIMIT, limits);
  }

  /** Beside DuckDB on as many threads; each in turn, so that both meet the same machine. */
  private static void duckDb(BenchRun run, RetailTable table, int cores) {
    try (DuckDbSummary peer = new DuckDbSummary(table, cores)) {
      Runnable parquet = () -> peer.ofParquet(TIMES);
      Runnable csv = () -> peer.ofCsv(TIMES);
      beside(
          run,
          table,
          "parsed rows, " + cores + " cores, beside DuckDB",
          cores,
          false,
          PARQUET,
          parquet);
      beside(
          run, table, "from CSV text, " + cores + " cores, beside DuckDB", cores, true, CSV, csv);
    } catch (SQLException | IOException e) {
      throw new BenchException("DuckDB: " + e.getMessage(), e);
    }
  }

  private static void beside(
      BenchRun run,
      RetailTable table,
      String subject,
      int threads,
      boolean parsing,
      String peerName,
      Runnable peer) {
    List<Timed> own = new ArrayList<>();
    List<Timed> other = new ArrayList<>();
    int runs = run.runs(RUNS);
    for (int i = 0; i <= runs; i++) {
      other.add(Timed.of(peer::run));
      own.add(Timed.of(() -> pass(table, threads, parsing, () -> new ProfilePass(table))));
    }
    report(run, table, subject, own, peerName, other);
  }

  private static void report(
      BenchRun run,
      RetailTable table,
      String subject,
      List<Timed> own,
      String otherName,
      List<Timed> other) {
    // The first of each only warmed up.
    own.removeFirst();
    other.removeFirst();
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

  private static void pass(
      RetailTable table, int threads, boolean parsing, Supplier<? extends RowPass> passes) {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<RowPass>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int part = i;
        parts.add(executor.submit(() -> part(table, part, threads, parsing, passes.get())));
      }
      RowPass whole = parts.getFirst().get();
      for (Future<RowPass> part : parts.subList(1, threads)) {
        whole.merge(part.get());
      }
      if (Double.isNaN(whole.digest())) {
        throw new BenchException("the pass saw no rows");
      }
    } catch (ExecutionException e) {
      throw new BenchException("profiling failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }

  private static RowPass part(
      RetailTable table, int part, int threads, boolean parsing, RowPass pass) {
    int size = table.rows().size();
    for (int time = 0; time < TIMES; time++) {
      if (parsing) {
        // Whole files in turn: a text cannot be entered in the middle.
        if (time % threads == part) {
          table.parse(pass);
        }
      } else {
        int from = (int) ((long) size * part / threads);
        int to = (int) ((long) size * (part + 1) / threads);
        table.rows().subList(from, to).forEach(pass);
      }
    }
    return pass;
  }

  private static final class ProfilePass implements RowPass {
    private final DatasetProfile profile = new DatasetProfile();
    private final ColumnProfile[] columns;
    private final boolean[] numeric;

    ProfilePass(RetailTable table) {
      columns = table.names().stream().map(profile::column).toArray(ColumnProfile[]::new);
      numeric = table.numeric();
    }

    @Override
    public void accept(@Nullable Object[] row) {
      for (int i = 0; i < columns.length; i++) {
        update(columns[i], numeric[i], row[i]);
      }
      profile.countRow();
    }

    @Override
    public void merge(RowPass other) {
      profile.merge(((ProfilePass) other).profile);
    }

    @Override
    public double digest() {
      return profile.summaries().values().stream().mapToDouble(ProfileSummary::distinct).sum();
    }
  }

  private static void update(ColumnProfile column, boolean numeric, @Nullable Object value) {
    if (value == null) {
      column.updateMissing();
    } else if (numeric) {
      column.update(((Double) value).doubleValue());
    } else {
      column.update((String) value);
    }
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
    table.rows().forEach(row -> update(profile, numeric, row[column]));
    return profile;
  }
}
