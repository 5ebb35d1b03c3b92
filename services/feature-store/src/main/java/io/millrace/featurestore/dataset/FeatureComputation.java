// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.features.pit.KnownEvent;
import io.millrace.features.pit.Moment;
import io.millrace.features.pit.PointInTime;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.dataset.DatasetPlan.FeatureColumn;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.view.FeatureGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Computes the features of a spine from history, several entity keys at a time, in chunks of keys
 * that are kept when they are done. Needs memory for one entity's history per worker.
 */
final class FeatureComputation {
  private static final int CHUNK_KEYS = 32;

  private final DatasetPlan plan;
  private final HistoryStore history;
  private final Patience patience;
  private final Spine spine;
  private final FeatureMatrix matrix;
  private final Checkpoint checkpoint;
  private final AtomicLong rows = new AtomicLong();

  FeatureComputation(
      DatasetPlan plan,
      HistoryStore history,
      Patience patience,
      Spine spine,
      FeatureMatrix matrix,
      Checkpoint checkpoint) {
    this.plan = plan;
    this.history = history;
    this.patience = patience;
    this.spine = spine;
    this.matrix = matrix;
    this.checkpoint = checkpoint;
  }

  /** Some keys of an entity, always the same ones. */
  private record Chunk(String name, List<Map.Entry<String, Spine.Rows>> keys) {}

  /**
   * Computes what is not done yet.
   *
   * @param workers chunks that are computed at the same time
   */
  void run(int workers, BuildProgress progress) throws InterruptedException {
    long all = (long) spine.rows() * plan.groups().size();
    progress.at("computing features", 0, all);
    for (Map.Entry<FeatureGroup, List<FeatureColumn>> group : plan.groups().entrySet()) {
      Semaphore places = new Semaphore(workers);
      List<Future<?>> running = new ArrayList<>();
      ExecutorService executor = Executors.newFixedThreadPool(workers);
      try {
        for (Chunk chunk : chunks(group.getKey())) {
          places.acquire();
          running.removeIf(FeatureComputation::isDone);
          running.add(
              executor.submit(
                  () -> {
                    try {
                      compute(group.getKey(), group.getValue(), chunk);
                      progress.at("computing features", rows.get(), all);
                    } finally {
                      places.release();
                    }
                  }));
        }
        for (Future<?> each : running) {
          await(each);
        }
      } finally {
        // After a failure nobody wants the rest.
        executor.shutdownNow();
        executor.close();
      }
    }
  }

  private List<Chunk> chunks(FeatureGroup group) {
    List<Chunk> chunks = new ArrayList<>();
    List<Map.Entry<String, Spine.Rows>> keys = new ArrayList<>();
    for (Map.Entry<String, Spine.Rows> key : spine.keys(group.entity()).entrySet()) {
      keys.add(key);
      if (keys.size() == CHUNK_KEYS) {
        chunks.add(new Chunk(group.name() + '#' + chunks.size(), List.copyOf(keys)));
        keys.clear();
      }
    }
    if (!keys.isEmpty()) {
      chunks.add(new Chunk(group.name() + '#' + chunks.size(), keys));
    }
    return chunks;
  }

  private void compute(FeatureGroup group, List<FeatureColumn> columns, Chunk chunk) {
    boolean isDone = checkpoint.has(chunk.name());
    for (Map.Entry<String, Spine.Rows> key : chunk.keys()) {
      int[] numbers = key.getValue().toArray();
      if (!isDone) {
        compute(group, columns, key.getKey(), numbers);
      }
      rows.addAndGet(numbers.length);
    }
    if (!isDone) {
      checkpoint.add(chunk.name());
    }
  }

  private static boolean isDone(Future<?> future) {
    if (future.state() == Future.State.FAILED) {
      throw failure(future.exceptionNow());
    }
    return future.isDone();
  }

  private static void await(Future<?> future) throws InterruptedException {
    try {
      future.get();
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    }
  }

  private static RuntimeException failure(Throwable cause) {
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  private void compute(FeatureGroup group, List<FeatureColumn> columns, String key, int[] numbers) {
    List<KnownEvent> events =
        patience.of(
            () -> {
              List<KnownEvent> read = new ArrayList<>();
              history.read(
                  HistoryKey.of(plan.generation().app(), group, key),
                  0,
                  row -> {
                    read.add(row.event());
                    return true;
                  });
              return read;
            });
    // Stable: events that began to count at the same time stay in sequence.
    events.sort(Comparator.comparingLong(KnownEvent::countsFromMs));
    Integer[] order = Arrays.stream(numbers).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingLong(spine::knownAtMs));
    boolean hides = plan.hidesDecidingEvent(group);
    // Rows of labels have to equal what was served; moments that somebody sends ask about the past.
    boolean pastOnly = plan.label() == null;
    List<Moment> asked = new ArrayList<>();
    for (int row : order) {
      asked.add(
          new Moment(
              spine.momentMs(row), spine.knownAtMs(row), hides ? spine.id(row) : null, pastOnly));
    }
    Set<ViewPlan> plans = new LinkedHashSet<>();
    columns.forEach(column -> plans.add(column.plan()));
    for (ViewPlan view : plans) {
      @Nullable Object[] values = new Object[view.size()];
      PointInTime.visit(
          view,
          events,
          asked,
          (index, state) -> {
            view.read(state, asked.get(index).asOfMs(), values, 0);
            for (FeatureColumn column : columns) {
              if (column.plan() == view) {
                matrix.set(column.matrix(), order[index], values[column.feature()]);
              }
            }
          });
    }
  }
}
