// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.ApplicationDefinition.Metadata;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ModelDefinition;
import io.millrace.common.definition.TimeDefinition;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetWriter;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A small shop, as a dataset on disk: real Parquet files with a real manifest. */
record SampleDataset(int rows, long evalSeed, boolean oneClass, boolean answers) {
  static final long END_MS = 4_000_000;

  private static final List<Column> COLUMNS =
      List.of(
          new Column("prediction_id", ColumnType.TEXT),
          new Column("moment", ColumnType.TIMESTAMP),
          new Column("label", ColumnType.NUMBER),
          new Column("weight", ColumnType.NUMBER),
          new Column("split", ColumnType.TEXT),
          new Column("user.views_7d", ColumnType.INTEGER),
          new Column("event.price", ColumnType.NUMBER),
          new Column("event.country", ColumnType.TEXT),
          new Column("entity.user", ColumnType.TEXT));

  static SampleDataset standard() {
    return new SampleDataset(4_000, 2, false, true);
  }

  SampleDataset withRows(int count) {
    return new SampleDataset(count, evalSeed, oneClass, answers);
  }

  SampleDataset withEvalSeed(long seed) {
    return new SampleDataset(rows, seed, oneClass, answers);
  }

  SampleDataset withOneClass() {
    return new SampleDataset(rows, evalSeed, true, answers);
  }

  SampleDataset unavailable() {
    return new SampleDataset(rows, evalSeed, oneClass, false);
  }

  /** A source that writes these rows into a folder and reads them back. */
  DatasetSource in(Path folder) {
    return (app, request, progress) -> {
      if (!answers) {
        throw new IllegalStateException("the feature store does not answer");
      }
      return build(folder);
    };
  }

  private DatasetSource.Built build(Path folder) {
    Path file = folder.resolve("part-0.parquet");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int evalRows = rows / 5;
    long positives = 0;
    DatasetWriter.Written written;
    try (DatasetWriter writer = new DatasetWriter(file, COLUMNS)) {
      SplittableRandom train = new SplittableRandom(1);
      SplittableRandom eval = new SplittableRandom(evalSeed);
      for (int i = 0; i < rows; i++) {
        boolean evaluation = i >= rows - evalRows;
        @Nullable Object[] row = row(i, evaluation, evaluation ? eval : train);
        positives += row[2].equals(1.0) ? 1 : 0;
        writer.row(row);
      }
      written = writer.finish();
    }
    DatasetManifest manifest =
        new DatasetManifest(
            "d1",
            "shop",
            3,
            "h",
            "test",
            0,
            END_MS,
            rows,
            Map.of("train", (long) rows - evalRows, "eval", (long) evalRows),
            written.columns(),
            List.of(written.file()),
            new DatasetManifest.LabelBalance(positives, Map.of(), (double) positives / rows),
            Map.of(),
            written.contentHash());
    return new DatasetSource.Built(manifest, List.of(Dataset.read(file)));
  }

  private @Nullable Object[] row(int i, boolean evaluation, SplittableRandom random) {
    long views = random.nextInt(20);
    double price = random.nextDouble() * 100;
    String country = new String[] {"de", "fr", "se"}[random.nextInt(3)];
    double logit = 0.2 * views - 0.03 * price + (country.equals("se") ? 1 : 0) - 1;
    boolean positive = random.nextDouble() < 1 / (1 + Math.exp(-logit));
    boolean missing = random.nextInt(10) == 0;
    return new @Nullable Object[] {
      "p" + i,
      i * 1_000L,
      positive && !oneClass ? 1.0 : 0.0,
      1.0,
      evaluation ? "eval" : "train",
      views,
      missing ? null : price,
      country,
      "user-" + i % 200
    };
  }

  /** The application; parameters are those of its algorithm. */
  static ApplicationDefinition definition(Map<String, Object> parameters) {
    return new ApplicationDefinition(
        "millrace/v1",
        "Application",
        new Metadata("shop", null, null),
        Map.of(
            "view",
            new EventDefinition(
                null,
                new TimeDefinition("at", "epoch_ms", null, null),
                null,
                null,
                null,
                Map.of(
                    "properties",
                    Map.of(
                        "user", Map.of("type", "string"),
                        "price", Map.of("type", "number"),
                        "country", Map.of("type", "string"))),
                Map.of())),
        Map.of("user", new EntityDefinition("user", null, null)),
        Map.of(
            "user",
            new FeatureViewDefinition(
                "view",
                "user",
                null,
                Map.of("views_7d", FeatureDefinition.of("count", null, "7d")),
                null,
                null)),
        Map.of(),
        new LabelDefinition("buys", "view", null, "price > 50.0", null, null, null),
        new ModelDefinition(
            "binary",
            List.of("user.*", "event.price", "event.country"),
            new ModelDefinition.Algorithm("xgboost", parameters),
            new ModelDefinition.Search("random", 2, "10m", 17L),
            null,
            Map.of("often", "user.views_7d")),
        null,
        null,
        null,
        null);
  }
}
