// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetWriter;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.pit.KnownEvent;
import io.millrace.features.pit.PointInTime;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.dataset.DatasetPlan.FeatureColumn;
import io.millrace.featurestore.dataset.DatasetPlan.FieldColumn;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Builds a dataset: the labelled moments that were asked for, each with the features as they were
 * known at its moment, computed from history by the code of the stream. Rows are in order of
 * (moment, id). Needs memory for one entity's history per worker and a few bytes per row; the rest
 * lies in scratch files. Thread-safe.
 */
public final class DatasetBuilder {
  /** Name of the data file. */
  public static final String ROWS = "rows.parquet";

  private final MomentStore moments;
  private final HistoryStore history;
  private final int workers;
  private final String codeVersion;

  /**
   * @param workers entities that are computed at the same time
   */
  public DatasetBuilder(
      MomentStore moments, HistoryStore history, int workers, String codeVersion) {
    this.moments = moments;
    this.history = history;
    this.workers = workers;
    this.codeVersion = codeVersion;
  }

  /**
   * Builds into a folder, which must exist.
   *
   * @param id of the dataset
   * @param rule which moments
   * @param progress told of the number of rows done so far
   */
  public DatasetManifest build(
      String id,
      ApplicationApplied applied,
      Generation generation,
      LabelRule rule,
      DatasetRequest request,
      Path folder,
      LongConsumer progress)
      throws IOException, InterruptedException {
    DatasetPlan plan = DatasetPlan.of(generation);
    boolean keepsIds = plan.groups().keySet().stream().anyMatch(plan::hidesDecidingEvent);
    List<FieldColumn> fields = List.copyOf(plan.fields().values());
    List<FieldValues> types = fields.stream().map(each -> new FieldValues(each.type())).toList();
    try (Spine spine =
        new Spine(folder.resolve("spine.scratch"), plan.entities(), fields.size(), keepsIds)) {
      readSpine(rule, request, fields, types, spine);
      spine.complete();
      try (FeatureMatrix matrix =
          new FeatureMatrix(
              folder.resolve("features.scratch"), plan.features().size(), spine.rows())) {
        for (Map.Entry<FeatureGroup, List<FeatureColumn>> group : plan.groups().entrySet()) {
          compute(plan, group.getKey(), group.getValue(), spine, matrix);
        }
        return write(id, applied, rule, plan, request, spine, matrix, types, folder, progress);
      }
    }
  }

  /**
   * Among moments whose window is still open those with a positive event have their label already
   * and the others have none: taken together they would be all positive. So what counts is whether
   * the window is closed, never whether there is a label.
   */
  private void readSpine(
      LabelRule rule,
      DatasetRequest request,
      List<FieldColumn> fields,
      List<FieldValues> types,
      Spine spine) {
    long from = request.fromMs() == null ? Long.MIN_VALUE / 2 : request.fromMs();
    long to = request.toMs() == null ? Long.MAX_VALUE / 2 : request.toMs();
    Map<Integer, Long> closed =
        rule.isJoined() ? moments.closed(rule.app(), rule.hash()) : Map.of();
    moments.read(
        rule.app(),
        rule.hash(),
        from,
        to,
        moment -> {
          if (moment.label() == null || !request.wants(moment.momentMs())) {
            return;
          }
          if (rule.isJoined()
              && rule.closesAt(moment.momentMs())
                  >= closed.getOrDefault(moment.partition(), Long.MIN_VALUE)) {
            return;
          }
          @Nullable Object[] values = new Object[fields.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = moment.data().get(fields.get(i).field());
            types.get(i).see(values[i]);
          }
          spine.add(moment, values);
        });
  }

  private void compute(
      DatasetPlan plan,
      FeatureGroup group,
      List<FeatureColumn> columns,
      Spine spine,
      FeatureMatrix matrix)
      throws InterruptedException {
    Semaphore places = new Semaphore(workers);
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(workers)) {
      for (Map.Entry<String, Spine.Rows> key : spine.keys(group.entity()).entrySet()) {
        places.acquire();
        running.removeIf(DatasetBuilder::isDone);
        running.add(
            executor.submit(
                () -> {
                  try {
                    compute(
                        plan,
                        group,
                        columns,
                        key.getKey(),
                        key.getValue().toArray(),
                        spine,
                        matrix);
                  } finally {
                    places.release();
                  }
                }));
      }
      for (Future<?> each : running) {
        await(each);
      }
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

  private void compute(
      DatasetPlan plan,
      FeatureGroup group,
      List<FeatureColumn> columns,
      String key,
      int[] rows,
      Spine spine,
      FeatureMatrix matrix) {
    List<KnownEvent> events = new ArrayList<>();
    history.read(
        HistoryKey.of(plan.generation().app(), group, key),
        0,
        row -> {
          events.add(row.event());
          return true;
        });
    // Stable: events known at the same time stay in sequence.
    events.sort(Comparator.comparingLong(KnownEvent::knownAtMs));
    Integer[] order = Arrays.stream(rows).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingLong(spine::knownAtMs));
    boolean hides = plan.hidesDecidingEvent(group);
    List<io.millrace.features.pit.Moment> asked = new ArrayList<>();
    for (int row : order) {
      asked.add(
          new io.millrace.features.pit.Moment(
              spine.momentMs(row), spine.knownAtMs(row), hides ? spine.id(row) : null));
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

  private DatasetManifest write(
      String id,
      ApplicationApplied applied,
      LabelRule rule,
      DatasetPlan plan,
      DatasetRequest request,
      Spine spine,
      FeatureMatrix matrix,
      List<FieldValues> types,
      Path folder,
      LongConsumer progress)
      throws IOException {
    Splits splits =
        Splits.of(applied.definition().model(), request.evalShare(), spine, plan.entities(), rule);
    List<Column> columns = columns(plan, types);
    Map<String, Long> bySplit = new TreeMap<>();
    Map<String, Long> byProvenance = new TreeMap<>();
    long[] positives = new long[1];
    double[] sum = new double[1];
    DatasetWriter.Written written;
    try (DatasetWriter writer = new DatasetWriter(folder.resolve(ROWS), columns)) {
      spine.forEach(
          (row, number) -> {
            String split = splits.of(row);
            writer.row(values(plan, types, row, number, split, matrix));
            bySplit.merge(split, 1L, Long::sum);
            byProvenance.merge(row.provenance(), 1L, Long::sum);
            positives[0] += row.label() > 0.5 ? 1 : 0;
            sum[0] += row.label();
            progress.accept(number + 1L);
          });
      written = writer.finish();
    }
    int rows = spine.rows();
    DatasetManifest manifest =
        new DatasetManifest(
            id,
            applied.app(),
            applied.version(),
            applied.hash(),
            codeVersion,
            rows == 0 ? 0 : spine.momentMs(0),
            rows == 0 ? 0 : spine.momentMs(rows - 1),
            rows,
            bySplit,
            written.columns(),
            List.of(written.file()),
            new DatasetManifest.LabelBalance(
                positives[0], byProvenance, rows == 0 ? null : sum[0] / rows),
            request.asMap(),
            written.contentHash());
    Path part = folder.resolve(DatasetManifest.FILE + ".part");
    Files.write(part, manifest.toJson());
    Files.move(
        part,
        folder.resolve(DatasetManifest.FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    return manifest;
  }

  private static List<Column> columns(DatasetPlan plan, List<FieldValues> types) {
    List<Column> columns = new ArrayList<>(DatasetPlan.FIXED);
    plan.entities().forEach(entity -> columns.add(new Column("entity." + entity, ColumnType.TEXT)));
    columns.addAll(DatasetPlan.LABELS);
    Map<String, ColumnType> byName = new LinkedHashMap<>();
    plan.features()
        .forEach(
            (name, column) ->
                byName.put(name, column.isText() ? ColumnType.TEXT : ColumnType.NUMBER));
    plan.fields().forEach((name, column) -> byName.put(name, types.get(column.index()).type()));
    for (String name : plan.derived().names()) {
      byName.put(
          DerivedFeatures.SCOPE + "." + name, new FieldValues(plan.derived().typeOf(name)).type());
    }
    for (String name : plan.names()) {
      columns.add(new Column(name, byName.getOrDefault(name, ColumnType.TEXT)));
    }
    return columns;
  }

  private static @Nullable Object[] values(
      DatasetPlan plan,
      List<FieldValues> types,
      Spine.Row row,
      int number,
      String split,
      FeatureMatrix matrix) {
    List<@Nullable Object> values = new ArrayList<>();
    values.add(row.id());
    values.add(row.momentMs());
    values.add(row.knownAtMs());
    values.addAll(Arrays.asList(row.entityKeys()));
    values.add(row.label());
    values.add(row.provenance());
    values.add(1.0);
    values.add(split);
    Map<String, Object> derived =
        plan.derived()
            .evaluate(
                name -> {
                  FieldColumn field = plan.fields().get(name);
                  return field == null
                      ? value(plan.features().get(name), number, matrix)
                      : row.fields()[field.index()];
                });
    for (String name : plan.names()) {
      FieldColumn field = plan.fields().get(name);
      FeatureColumn feature = plan.features().get(name);
      if (field != null) {
        values.add(
            FieldValues.convert(row.fields()[field.index()], types.get(field.index()).type()));
      } else if (feature != null) {
        values.add(value(feature, number, matrix));
      } else {
        values.add(derived.get(name.substring(DerivedFeatures.SCOPE.length() + 1)));
      }
    }
    return values.toArray();
  }

  private static @Nullable Object value(
      @Nullable FeatureColumn feature, int row, FeatureMatrix matrix) {
    if (feature == null) {
      return null;
    }
    return feature.isText()
        ? matrix.text(feature.matrix(), row)
        : matrix.number(feature.matrix(), row);
  }
}
