// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.features.pit.PointInTimePass;
import io.millrace.features.pit.PointInTimeReplay;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.dataset.DatasetPlan.FeatureColumn;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.view.FeatureGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Computes the features of a spine from history, several entity keys at a time, in chunks of keys
 * that are kept when they are done. A long history is read in passing and not kept, so that one key
 * may have any number of events: see {@link OrderedHistory}.
 */
final class FeatureComputation {
  private static final int CHUNK_KEYS = 32;

  /** Moments that are put off and answered by one more pass through the history. */
  private static final int REPLAYED_TOGETHER = 64;

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
    HistoryKey of = HistoryKey.of(plan.generation().app(), group, key);
    SpineMoments moments =
        // Rows of labels have to equal what was served; moments that somebody sends ask about the
        // past.
        new SpineMoments(spine, numbers, plan.hidesDecidingEvent(group), plan.label() == null);
    List<ViewPlan> plans = columns.stream().map(FeatureColumn::plan).distinct().toList();
    PointInTimePass.Visitor visitor = visitor(plans, columns, moments);
    OrderedHistory events = new OrderedHistory(history, of, patience);
    List<Integer> putOff = new ArrayList<>();
    events
        .read(
            () -> {
              putOff.clear();
              return new PointInTimePass(plans, moments, visitor, putOff::add);
            },
            PointInTimePass::event)
        .end();
    for (int from = 0; from < putOff.size(); from += REPLAYED_TOGETHER) {
      List<Integer> some = putOff.subList(from, Math.min(putOff.size(), from + REPLAYED_TOGETHER));
      events
          .read(
              () -> new PointInTimeReplay(plans, moments, some, visitor), PointInTimeReplay::event)
          .end();
    }
  }

  /** Keeps the values of all columns at a moment. */
  private PointInTimePass.Visitor visitor(
      List<ViewPlan> plans, List<FeatureColumn> columns, SpineMoments moments) {
    @Nullable Object[][] values = new Object[plans.size()][];
    for (int view = 0; view < values.length; view++) {
      values[view] = new Object[plans.get(view).size()];
    }
    int[] viewOf = columns.stream().mapToInt(column -> plans.indexOf(column.plan())).toArray();
    return (index, states) -> {
      for (int view = 0; view < values.length; view++) {
        plans.get(view).read(states[view], moments.asOfMs(index), values[view], 0);
      }
      for (int i = 0; i < viewOf.length; i++) {
        FeatureColumn column = columns.get(i);
        matrix.set(column.matrix(), moments.row(index), values[viewOf[i]][column.feature()]);
      }
    };
  }
}
