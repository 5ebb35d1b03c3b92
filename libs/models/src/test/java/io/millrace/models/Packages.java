// SPDX-License-Identifier: Apache-2.0
package io.millrace.models;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.transform.ColumnSpec;
import io.millrace.features.transform.Preprocessing;
import io.millrace.models.engine.LinearWeights;
import io.millrace.models.engine.Link;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A small real package: a linear model over a number and a category. */
final class Packages {
  static final List<ModelInput> INPUTS =
      List.of(
          new ModelInput("spend.sum_7d", ModelInput.Type.NUMBER),
          new ModelInput("event.country", ModelInput.Type.CATEGORY));

  private Packages() {}

  static Preprocessing preprocessing() {
    return Preprocessing.fit(
        List.of(
            ColumnSpec.standardised("spend.sum_7d"), ColumnSpec.vocabulary("event.country", 10)),
        List.of(
            new @Nullable Object[] {1, "de"},
            new @Nullable Object[] {2, "fr"},
            new @Nullable Object[] {3, null},
            new @Nullable Object[] {Double.NaN, "de"}));
  }

  static ModelMetadata metadata() {
    return new ModelMetadata(
        ModelMetadata.FORMAT,
        "shop",
        "binary",
        "logistic",
        "weights.linear.json",
        preprocessing().width(),
        INPUTS,
        DerivedFeatures.NONE.definition(),
        Map.of("spend", "ab12"),
        new ModelMetadata.Dataset("d1", "cd34", 4, 2, 10, 20),
        3,
        "test",
        17,
        Map.of("l2", 0.1),
        Map.of("eval.auc", 0.7),
        Map.of("java", "25"),
        Map.of());
  }

  static ReferenceProfile profile() {
    return new ReferenceProfile(
        Map.of(
            "spend.sum_7d", ReferenceProfile.numeric(new double[] {1, 2, 3, Double.NaN}),
            "event.country",
                ReferenceProfile.categorical(new @Nullable String[] {"de", "fr", null, "de"})),
        ReferenceProfile.numeric(new double[] {0.2, 0.4}),
        0.5,
        0.5);
  }

  static byte[] weights() {
    return new LinearWeights(Link.LOGISTIC, 0.5, List.of(1.0, -2.0, 0.25, -0.25, 0.125)).toBytes();
  }

  static List<@Nullable Object[]> rows() {
    return List.of(
        new @Nullable Object[] {2.5, "de"},
        new @Nullable Object[] {null, "fr"},
        new @Nullable Object[] {1L, null},
        new @Nullable Object[] {Double.NaN, "unseen"});
  }

  static ModelPackage valid() {
    return LoadedModel.pack(metadata(), preprocessing(), weights(), rows(), profile());
  }
}
