// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchException;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Timed;
import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.ProfileSummary;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Profiling the retail file ten times over: every column, every statistic that {@link
 * ProfileSummary} shows. Beside it a pass over the same rows that only counts, adds, compares and
 * hashes: what remains when there is no statistic to speak of.
 */
public final class ProfileBench implements Bench {
  private static final int RUNS = 5;
  private static final int TIMES = 10;
  private static final int COPIES = 16;
  private static final String LIMIT = "count, sum, least, greatest, hash";

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
    memory(run, table);
  }

  /** Takes rows; what it made of them is asked for at the end, so that nothing is left out. */
  private interface Pass extends Consumer<@Nullable Object[]> {
    /** Joins another pass over other rows. */
    void merge(Pass other);

    /** A figure that depends on every row. */
    double digest();
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
    // The first of each only warmed up.
    limits.removeFirst();
    profiles.removeFirst();
    double rows = (double) TIMES * table.rows().size();
    run.say("  %s: %,.0f rows/s".formatted(subject, rows / profiles.getLast().seconds()));
    run.result(
        subject,
        "throughput",
        "rows/s",
        profiles.stream().map(each -> rows / each.seconds()).toList(),
        LIMIT,
        limits.stream().map(each -> rows / each.seconds()).toList());
    run.result(
        subject,
        "rows a CPU second",
        "rows/CPU s",
        profiles.stream().map(each -> rows / each.cpuSeconds()).toList(),
        LIMIT,
        limits.stream().map(each -> rows / each.cpuSeconds()).toList());
  }

  private static void pass(
      RetailTable table, int threads, boolean parsing, Supplier<? extends Pass> passes) {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<Pass>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int part = i;
        parts.add(executor.submit(() -> part(table, part, threads, parsing, passes.get())));
      }
      Pass whole = parts.getFirst().get();
      for (Future<Pass> part : parts.subList(1, threads)) {
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

  private static Pass part(RetailTable table, int part, int threads, boolean parsing, Pass pass) {
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

  private static final class ProfilePass implements Pass {
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
    public void merge(Pass other) {
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

  private static final class MinimalPass implements Pass {
    private long rows;
    private long missing;
    private double sum;
    private double least = Double.POSITIVE_INFINITY;
    private double greatest = Double.NEGATIVE_INFINITY;
    private long hash;

    @Override
    public void accept(@Nullable Object[] row) {
      for (Object value : row) {
        switch (value) {
          case null -> missing++;
          case Double number -> {
            sum += number;
            least = Math.min(least, number);
            greatest = Math.max(greatest, number);
          }
          case Object text -> hash = hash * 31 + hash((String) text);
        }
      }
      rows++;
    }

    /** A string keeps the hash that it was asked for, so this one reads the text each time. */
    private static int hash(String text) {
      int hash = 0;
      for (int i = 0; i < text.length(); i++) {
        hash = hash * 31 + text.charAt(i);
      }
      return hash;
    }

    @Override
    public void merge(Pass other) {
      MinimalPass with = (MinimalPass) other;
      rows += with.rows;
      missing += with.missing;
      sum += with.sum;
      least = Math.min(least, with.least);
      greatest = Math.max(greatest, with.greatest);
      hash ^= with.hash;
    }

    @Override
    public double digest() {
      return rows + missing + sum + least + greatest + hash;
    }
  }

  private static void memory(BenchRun run, RetailTable table) {
    double largest = 0;
    // What is loaded and compiled at the first time is no part of a profile.
    heapKib(table, 0);
    for (int i = 0; i < table.names().size(); i++) {
      double heap = heapKib(table, i);
      largest = Math.max(largest, heap);
      run.result(table.names().get(i), "heap of a column's profile", "KiB", heap);
      run.result(
          table.names().get(i),
          "a column's profile as bytes",
          "KiB",
          profile(table, i).toBytes().length / 1024.0);
    }
    run.result("largest column", "heap of a column's profile", "KiB", largest);
  }

  private static double heapKib(RetailTable table, int column) {
    List<ColumnProfile> profiles = new ArrayList<>(COPIES);
    double before = usedKib();
    for (int copy = 0; copy < COPIES; copy++) {
      profiles.add(profile(table, column));
    }
    double after = usedKib();
    // Asking them something keeps them alive until here.
    return profiles.stream().allMatch(each -> each.rows() > 0) ? (after - before) / COPIES : 0;
  }

  private static ColumnProfile profile(RetailTable table, int column) {
    ColumnProfile profile = new ColumnProfile();
    boolean numeric = table.numeric()[column];
    table.rows().forEach(row -> update(profile, numeric, row[column]));
    return profile;
  }

  private static double usedKib() {
    // What a full collection leaves; the second one takes what finalizers of the first let go.
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024.0;
  }
}
