// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.BenchException;
import io.millrace.datasets.ParquetTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where the rows of a pass come from, a number of times over. */
@FunctionalInterface
interface RowSource {
  /**
   * Gives one thread its part of the rows.
   *
   * @param time which time over it is, from 0
   * @param part number of the thread, from 0
   * @param parts how many threads
   */
  void read(int time, int part, int parts, RowPass pass) throws IOException;

  /** Rows that are parsed already: an equal share of them for every thread. */
  static RowSource parsed(RetailTable table) {
    return (_, part, parts, pass) -> {
      long size = table.rows().size();
      int from = (int) (size * part / parts);
      int to = (int) (size * (part + 1) / parts);
      table.rows().subList(from, to).forEach(pass);
    };
  }

  /** A CSV file on disk; whole files in turn, for it cannot be entered midway. */
  static RowSource csv(RetailTable table, Path file) {
    return (time, part, parts, pass) -> {
      if (time % parts == part) {
        table.parse(file, pass);
      }
    };
  }

  /** A Parquet file on disk, by the reader that `millrace dataset` has; whole files in turn. */
  static RowSource parquet(Path file) {
    return (time, part, parts, pass) -> {
      if (time % parts == part) {
        try (ParquetTable rows = ParquetTable.open(file)) {
          for (@Nullable Object[] row = rows.next(); row != null; row = rows.next()) {
            pass.accept(row);
          }
        }
      }
    };
  }

  /** All rows of a source through passes that are joined at the end. */
  static void pass(RowSource source, int times, int threads, Supplier<? extends RowPass> passes) {
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<RowPass>> parts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int part = i;
        parts.add(
            executor.submit(
                () -> {
                  RowPass pass = passes.get();
                  for (int time = 0; time < times; time++) {
                    source.read(time, part, threads, pass);
                  }
                  return pass;
                }));
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
}
