// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference;

import io.millrace.common.application.ApplicationParser;
import io.millrace.common.application.ParsedApplication;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.ModelVersionChanged.Transition;
import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.features.transform.ColumnSpec;
import io.millrace.features.transform.Preprocessing;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelInput;
import io.millrace.models.ModelMetadata;
import io.millrace.models.ModelPackage;
import io.millrace.models.engine.LinearWeights;
import io.millrace.models.engine.Link;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A shop that sells yarn, and logistic models trained by gradient descent on its simulated offers:
 * cheap wool sells.
 */
public final class Yarns {
  /** The input that only the feature store could give. */
  public static final String SPEND = "spend.sum_7d";

  /** A derived feature, of price and {@link #SPEND}. */
  public static final String SHARE = "derived.price_share";

  private static final Map<String, EventSchema> SCOPES =
      Map.of(
          "event",
          new EventSchema(Map.of("price", FieldType.NUMBER), false),
          "spend",
          new EventSchema(Map.of("sum_7d", FieldType.NUMBER), false));

  private static final int ROWS = 400;
  private static final int STEPS = 200;

  private Yarns() {}

  /** The definition, as ingest would publish it. */
  public static ApplicationDefinition definition(String app) {
    byte[] yaml =
        """
        apiVersion: millrace/v1
        kind: Application
        metadata: {name: %s, description: Will this offer be taken?}
        events:
          offer:
            time: {field: at, format: epoch_ms}
            id: id
            schema:
              properties:
                id: {type: string}
                at: {type: integer}
                user: {type: string}
                price: {type: number}
                kind: {type: string}
            personal: {user: pseudonymise}
          order:
            time: {field: at, format: epoch_ms}
            schema:
              properties:
                at: {type: integer}
                user: {type: string}
                price: {type: number}
            personal: {user: pseudonymise}
        entities:
          customer: {key: user}
          shop: {constant: main}
        featureViews:
          spend:
            source: order
            entity: customer
            features:
              sum_7d: {aggregate: sum, of: price, window: 7d}
        label:
          name: taken
          decidedAt: offer
          positive: {event: order, sameEntity: customer, within: 1h}
        model:
          task: binary
          features: [event.price, event.kind, spend.sum_7d]
          algorithm: {kind: logistic}
        """
            .formatted(app)
            .getBytes(StandardCharsets.UTF_8);
    return switch (ApplicationParser.parse(yaml)) {
      case ParsedApplication.Valid valid -> valid.definition();
      case ParsedApplication.Invalid invalid ->
          throw new AssertionError(invalid.problems().toString());
    };
  }

  /**
   * Trains on other rows for another seed.
   *
   * @param withSpend whether the model takes {@link #SPEND} too
   */
  public static ModelPackage train(String app, long seed, boolean withSpend) {
    return train(
        app,
        seed,
        withSpend
            ? List.of("event.price", "event.kind", SPEND)
            : List.of("event.price", "event.kind"));
  }

  /** Trains on some of price, kind, {@link #SPEND} and {@link #SHARE}. */
  public static ModelPackage train(String app, long seed, List<String> names) {
    SplittableRandom random = new SplittableRandom(seed);
    List<@Nullable Object[]> rows = new ArrayList<>();
    boolean[] taken = new boolean[ROWS];
    for (int i = 0; i < ROWS; i++) {
      double price = 1 + 19 * random.nextDouble();
      String kind = random.nextBoolean() ? "wool" : "silk";
      double spend = 100 * random.nextDouble();
      Map<String, Object> values =
          Map.of(
              "event.price", price, "event.kind", kind, SPEND, spend, SHARE, price / (1 + spend));
      rows.add(names.stream().map(values::get).toArray());
      double logit = 2 - 0.3 * price + (kind.equals("wool") ? 1 : 0) + 0.02 * spend;
      taken[i] = random.nextDouble() < 1 / (1 + Math.exp(-logit));
    }
    List<ColumnSpec> specs = new ArrayList<>();
    List<ModelInput> inputs = new ArrayList<>();
    for (String name : names) {
      boolean text = name.equals("event.kind");
      specs.add(text ? ColumnSpec.vocabulary(name, 10) : ColumnSpec.standardised(name));
      inputs.add(new ModelInput(name, text ? ModelInput.Type.CATEGORY : ModelInput.Type.NUMBER));
    }
    Preprocessing preprocessing = Preprocessing.fit(specs, rows);
    byte[] weights = fit(preprocessing, rows, taken).toBytes();
    ModelMetadata metadata =
        new ModelMetadata(
            ModelMetadata.FORMAT,
            app,
            "binary",
            "logistic",
            "weights.linear.json",
            preprocessing.width(),
            inputs,
            DerivedFeatures.compile(
                    Map.of("price_share", "event.price / (1.0 + spend.sum_7d)"), SCOPES)
                .neededBy(names)
                .definition(),
            names.contains(SPEND) ? Map.of("spend", "ab12") : Map.of(),
            new ModelMetadata.Dataset("d1", "cd34", ROWS, 0, 10, 20),
            1,
            "test",
            seed,
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of());
    return LoadedModel.pack(
        metadata, preprocessing, weights, rows.subList(0, 5), profile(inputs, rows));
  }

  private static ReferenceProfile profile(List<ModelInput> inputs, List<@Nullable Object[]> rows) {
    Map<String, ReferenceProfile.Column> columns = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      int column = i;
      columns.put(
          inputs.get(i).name(),
          inputs.get(i).type() == ModelInput.Type.NUMBER
              ? ReferenceProfile.numeric(
                  rows.stream().mapToDouble(row -> (Double) row[column]).toArray())
              : ReferenceProfile.categorical(
                  rows.stream().map(row -> String.valueOf(row[column])).toArray(String[]::new)));
    }
    return new ReferenceProfile(
        columns, ReferenceProfile.numeric(new double[] {0.2, 0.4, 0.6}), 0.5, 0.5);
  }

  private static LinearWeights fit(
      Preprocessing preprocessing, List<@Nullable Object[]> rows, boolean[] taken) {
    float[] batch = LoadedModel.batch(preprocessing, rows);
    int width = preprocessing.width();
    double[] coefficients = new double[width];
    double intercept = 0;
    for (int step = 0; step < STEPS; step++) {
      double[] gradient = new double[width];
      double shift = 0;
      for (int row = 0; row < taken.length; row++) {
        double output = intercept;
        for (int i = 0; i < width; i++) {
          output += coefficients[i] * batch[row * width + i];
        }
        double error = (taken[row] ? 1 : 0) - 1 / (1 + Math.exp(-output));
        shift += error;
        for (int i = 0; i < width; i++) {
          gradient[i] += error * batch[row * width + i];
        }
      }
      intercept += 0.5 * shift / taken.length;
      for (int i = 0; i < width; i++) {
        coefficients[i] += 0.5 * gradient[i] / taken.length;
      }
    }
    return new LinearWeights(
        Link.LOGISTIC, intercept, Arrays.stream(coefficients).boxed().toList());
  }

  /** A state of a version; each status came one millisecond after the one before. */
  public static ModelVersionChanged version(
      String app, String version, ModelPackage source, long atMs, Status... history) {
    List<Transition> transitions = new ArrayList<>();
    for (Status status : history) {
      transitions.add(new Transition(status, atMs + transitions.size(), "test", List.of("test")));
    }
    return new ModelVersionChanged(
        app,
        version,
        history[history.length - 1],
        "run-of-" + version,
        "logistic",
        "d1",
        1,
        ModelPackage.sha256(source.toBytes()),
        null,
        Map.of(),
        transitions);
  }

  /** Puts a package where the service looks before it asks the trainer. */
  public static void cache(Path packages, String app, ModelPackage source) {
    source.write(packages.resolve(app).resolve(ModelPackage.sha256(source.toBytes()) + ".zip"));
  }
}
