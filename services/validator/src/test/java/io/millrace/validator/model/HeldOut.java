// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetManifest;
import io.millrace.datasets.DatasetWriter;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.transform.ColumnSpec;
import io.millrace.features.transform.Preprocessing;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelInput;
import io.millrace.models.ModelMetadata;
import io.millrace.models.ModelPackage;
import io.millrace.models.engine.LinearWeights;
import io.millrace.models.engine.Link;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Small real datasets and packages. */
public final class HeldOut {
  private HeldOut() {}

  /** A dataset on disk. */
  public record Written(DatasetManifest manifest, Path file, EvaluationRows rows) {}

  /** Rows with these labels, one input {@code user.x} and the slice column. */
  static Written write(Path folder, double[] labels, double[] x, String[] country) {
    Path file = folder.resolve("part-0.parquet");
    List<Column> columns =
        List.of(
            new Column("prediction_id", ColumnType.TEXT),
            new Column("split", ColumnType.TEXT),
            new Column("label", ColumnType.NUMBER),
            new Column("user.x", ColumnType.NUMBER),
            new Column("event.country", ColumnType.TEXT));
    DatasetWriter.Written written;
    try (DatasetWriter writer = new DatasetWriter(file, columns)) {
      writer.row("t0", "train", 0.0, 1.0, "de");
      writer.row("t1", "train", 1.0, 1.0, "de");
      for (int i = 0; i < labels.length; i++) {
        writer.row("e" + i, "eval", labels[i], x[i], country[i]);
      }
      written = writer.finish();
    }
    DatasetManifest manifest =
        new DatasetManifest(
            "d1",
            "shop",
            1,
            "h",
            "test",
            0,
            1,
            labels.length + 2L,
            Map.of("eval", (long) labels.length, "train", 2L),
            written.columns(),
            List.of(written.file()),
            new DatasetManifest.LabelBalance(1, Map.of(), 0.5),
            Map.of(),
            written.contentHash());
    return new Written(manifest, file, new EvaluationRows(List.of(Dataset.read(file))));
  }

  /** Rows whose label follows x with some noise: a model that ranks by x is good, one by −x bad. */
  public static Written learnable(Path folder, int rows) {
    Random random = new Random(11);
    double[] labels = new double[rows];
    double[] x = new double[rows];
    String[] country = new String[rows];
    for (int i = 0; i < rows; i++) {
      x[i] = random.nextGaussian();
      labels[i] = x[i] + random.nextGaussian() > 0 ? 1 : 0;
      country[i] = i % 4 == 0 ? "fr" : i % 97 == 1 ? "is" : "de";
    }
    return write(folder, labels, x, country);
  }

  /** A linear model on {@code user.x}. */
  public static ModelPackage model(double slope) {
    Preprocessing preprocessing =
        Preprocessing.fit(
            List.of(ColumnSpec.standardised("user.x")),
            List.of(new @Nullable Object[] {-1.0}, new @Nullable Object[] {1.0}));
    List<Double> weights = new ArrayList<>(Collections.nCopies(preprocessing.width(), 0.0));
    weights.set(0, slope);
    ModelMetadata metadata =
        new ModelMetadata(
            ModelMetadata.FORMAT,
            "shop",
            "binary",
            "logistic",
            "weights.linear.json",
            preprocessing.width(),
            List.of(new ModelInput("user.x", ModelInput.Type.NUMBER)),
            DerivedFeatures.NONE.definition(),
            Map.of(),
            new ModelMetadata.Dataset("d1", "cd34", 2, 2, 10, 20),
            1,
            "test",
            17,
            Map.of(),
            Map.of(),
            Map.of("java", "25"),
            Map.of());
    return LoadedModel.pack(
        metadata,
        preprocessing,
        new LinearWeights(Link.LOGISTIC, 0.0, weights).toBytes(),
        List.<@Nullable Object[]>of(new @Nullable Object[] {0.5}, new @Nullable Object[] {-2.0}),
        new ReferenceProfile(
            Map.of("user.x", ReferenceProfile.numeric(new double[] {-1, 1})),
            ReferenceProfile.numeric(new double[] {0.2, 0.4}),
            0.5,
            0.5));
  }
}
