// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.datasets.ClassStage;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetWriter;
import io.millrace.features.definition.FieldType;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.history.MomentStore;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.Generation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Builds a dataset: the moments that were asked for, each with the features as they were known at
 * its moment, computed from history by the code of the stream. Labelled moments are in order of
 * (moment, id), those of a file in its order. Needs memory for some thousand events per worker,
 * whatever the length of a history, and a few bytes per row; the rest lies in scratch files, from
 * which a build that was cut off goes on. Thread-safe.
 */
public final class DatasetBuilder {
  /** Name of the data file. */
  public static final String ROWS = "rows.parquet";

  private static final int TELL_ROWS = 1000;

  private final MomentStore moments;
  private final HistoryStore history;
  private final Spines spines;
  private final KeptInputs inputs;
  private final int workers;
  private final Patience patience;
  private final String codeVersion;

  /**
   * @param workers entities that are computed at the same time
   * @param patience how long a build waits for a store that is away
   */
  public DatasetBuilder(
      MomentStore moments,
      HistoryStore history,
      Spines spines,
      KeptInputs inputs,
      int workers,
      Duration patience,
      String codeVersion) {
    this(
        moments,
        history,
        spines,
        inputs,
        workers,
        new Patience(patience, Duration.ofSeconds(1)),
        codeVersion);
  }

  DatasetBuilder(
      MomentStore moments,
      HistoryStore history,
      Spines spines,
      KeptInputs inputs,
      int workers,
      Patience patience,
      String codeVersion) {
    this.moments = moments;
    this.history = history;
    this.spines = spines;
    this.inputs = inputs;
    this.workers = workers;
    this.patience = patience;
    this.codeVersion = codeVersion;
  }

  /**
   * Builds into a folder, which must exist.
   *
   * @param id of the dataset; a folder with the scratch files of the same id is gone on with
   * @param rule which moments; null where the request names a file
   * @throws IllegalArgumentException where the request or its file cannot be used, saying why
   * @throws IllegalStateException where what it reads may have been removed meanwhile
   */
  public DatasetManifest build(
      String id,
      ApplicationApplied applied,
      Generation generation,
      @Nullable LabelRule rule,
      DatasetRequest request,
      Path folder,
      BuildProgress progress)
      throws IOException, InterruptedException {
    DatasetPlan plan = DatasetPlan.of(generation, request);
    SpineSource source = source(applied.app(), plan, rule, request);
    List<FieldValues> types = new ArrayList<>();
    plan.fields().values().forEach(field -> types.add(new FieldValues(field.type())));
    source.extras().forEach(extra -> types.add(new FieldValues(FieldType.DYNAMIC)));
    try (Checkpoint checkpoint = Checkpoint.open(folder, id + ' ' + codeVersion);
        Spine spine = spine(folder, plan, request, source, types, progress);
        FeatureMatrix matrix =
            FeatureMatrix.open(
                folder.resolve("features.scratch"), plan.features().size(), spine.rows())) {
      new FeatureComputation(plan, history, patience, spine, matrix, checkpoint)
          .run(workers, progress);
      inputs.require(plan, rule);
      progress.at("writing", 0, spine.rows());
      Splits splits =
          Splits.of(
              applied.definition().model(), request, spine, plan.entities(), source::decidedBy);
      DatasetRows rows =
          new DatasetRows(plan, source.extras(), types, matrix, ClassTally.load(folder));
      DatasetWriter.Written written = rows.write(folder.resolve(ROWS), spine, splits, progress);
      DatasetManifest manifest = manifest(id, applied, request, spine, rows, written);
      save(manifest, folder);
      matrix.delete();
      spine.delete();
      ClassTally.delete(folder);
      checkpoint.delete();
      return manifest;
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private SpineSource source(
      String app, DatasetPlan plan, @Nullable LabelRule rule, DatasetRequest request)
      throws IOException {
    return request.spine() == null
        ? new LabelledMoments(
            moments, Objects.requireNonNull(rule, "the application has no label"), plan, request)
        : spines.source(app, request.spine(), plan, Boolean.TRUE.equals(request.pseudonymous()));
  }

  private Spine spine(
      Path folder,
      DatasetPlan plan,
      DatasetRequest request,
      SpineSource source,
      List<FieldValues> types,
      BuildProgress progress)
      throws IOException {
    Path file = folder.resolve("spine.scratch");
    boolean keepsIds = plan.groups().keySet().stream().anyMatch(plan::hidesDecidingEvent);
    if (Files.exists(file)) {
      return Spine.open(file, plan.entities(), types.size(), keepsIds, row -> see(types, row));
    }
    progress.at("reading moments", 0, 0);
    int sampleBy = request.sampleBy() == null ? -1 : plan.entities().indexOf(request.sampleBy());
    Spine complete =
        patience.of(
            () -> {
              ClassTally tally = new ClassTally();
              try (Spine spine = Spine.create(file, plan.entities(), types.size(), keepsIds)) {
                source.read(row -> keep(row, request, sampleBy, spine, tally, progress));
                // Before the rows: a complete file of rows has its counts beside it.
                tally.save(folder);
                spine.complete();
                return spine;
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    complete.forEach((row, number) -> see(types, row));
    return complete;
  }

  private static void see(List<FieldValues> types, Spine.Row row) {
    for (int i = 0; i < row.fields().length; i++) {
      types.get(i).see(row.fields()[i]);
    }
  }

  private static void keep(
      Spine.Row row,
      DatasetRequest request,
      int sampleBy,
      Spine spine,
      ClassTally tally,
      BuildProgress progress) {
    if (!request.asksFor(row.momentMs())) {
      return;
    }
    tally.count(ClassStage.COLLECTED, row.label(), row.weight());
    if (!request.allows(row.momentMs())) {
      return;
    }
    tally.count(ClassStage.ALLOWED, row.label(), row.weight());
    String key = sampleBy < 0 ? null : row.entityKeys()[sampleBy];
    double weight = request.weight(row.id(), row.label());
    if (weight == 0 || !request.samples(row.id(), key)) {
      return;
    }
    spine.add(
        new Spine.Row(
            row.id(),
            row.momentMs(),
            row.knownAtMs(),
            row.entityKeys(),
            row.label(),
            row.provenance(),
            row.weight() * weight,
            row.fields()));
    if (spine.rows() % TELL_ROWS == 0) {
      progress.at("reading moments", spine.rows(), 0);
    }
  }

  private DatasetManifest manifest(
      String id,
      ApplicationApplied applied,
      DatasetRequest request,
      Spine spine,
      DatasetRows rows,
      DatasetWriter.Written written) {
    long[] sorted = spine.sortedMoments();
    return new DatasetManifest(
        id,
        applied.app(),
        applied.version(),
        applied.hash(),
        codeVersion,
        sorted.length == 0 ? 0 : sorted[0],
        sorted.length == 0 ? 0 : sorted[sorted.length - 1],
        sorted.length,
        rows.bySplit(),
        written.columns(),
        List.of(written.file()),
        rows.labels(),
        request.asMap(),
        written.contentHash());
  }

  private static void save(DatasetManifest manifest, Path folder) throws IOException {
    Path part = folder.resolve(DatasetManifest.FILE + ".part");
    Files.write(part, manifest.toJson());
    Files.move(
        part,
        folder.resolve(DatasetManifest.FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
