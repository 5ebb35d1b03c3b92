// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

import io.millrace.common.contract.PredictionServed;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.features.derived.DerivedFeatures;
import io.millrace.inference.model.Route;
import io.millrace.inference.model.ServedVersion;
import io.millrace.models.ModelInput;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions in batches: one read of features, one call of each model version. When features
 * do not come in time the model answers on what the request itself holds (missing inputs are
 * imputed by the model's preprocessing) and the prediction is marked. Thread-safe.
 */
public final class Predictor {
  private static final Logger LOG = LoggerFactory.getLogger(Predictor.class);
  private static final String REQUEST_PREFIX = FeatureScopes.EVENT + ".";
  private static final String DERIVED_PREFIX = DerivedFeatures.SCOPE + ".";

  private final FeatureSource features;
  private final InstantSource clock;
  private final ServingMeter meter;

  public Predictor(FeatureSource features, InstantSource clock, ServingMeter meter) {
    this.meter = meter;
    this.features = features;
    this.clock = clock;
  }

  /**
   * @param source {@code event}, {@code request} or {@code async}
   * @return for each question the answer first, then the shadows' in the same order of questions
   * @throws IllegalStateException where the route has no champion
   */
  public Answers predict(
      String app, Route route, List<Question> questions, String source, Duration deadline) {
    ServedVersion champion = route.champion();
    if (champion == null) {
      throw new IllegalStateException("application " + app + " has no champion");
    }
    List<String> names = featureNames(route);
    List<FeatureSource.Vector> vectors = null;
    String fallback = null;
    if (!names.isEmpty()) {
      switch (features.fetch(app, names, questions, deadline)) {
        case FeatureSource.Answer.Vectors found -> vectors = found.rows();
        case FeatureSource.Answer.Unavailable missing -> fallback = missing.reason();
      }
    }
    Map<String, Integer> columns = new HashMap<>();
    names.forEach(name -> columns.put(name, columns.size()));
    Batch batch = new Batch(app, columns, questions, vectors, fallback, source);
    ServedVersion canary = route.canary();
    List<Integer> toChampion = new ArrayList<>();
    List<Integer> toCanary = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      (route.goesToCanary(questions.get(i).predictionId()) ? toCanary : toChampion).add(i);
    }
    @Nullable PredictionServed[] answers = new PredictionServed[questions.size()];
    score(batch, champion, "champion", toChampion, answers);
    if (canary != null) {
      score(batch, canary, "canary", toCanary, answers);
    }
    List<PredictionServed> shadowed = new ArrayList<>();
    for (ServedVersion shadow : route.shadows()) {
      shadowed.addAll(shadow(batch, shadow));
    }
    List<PredictionServed> answered = new ArrayList<>(answers.length);
    for (PredictionServed each : answers) {
      answered.add(Objects.requireNonNull(each, "every question is scored"));
    }
    return new Answers(answered, shadowed);
  }

  /** What a shadow says: nothing where it fails, because nobody's answer may hang on it. */
  private List<PredictionServed> shadow(Batch batch, ServedVersion version) {
    int size = batch.questions().size();
    @Nullable PredictionServed[] silent = new PredictionServed[size];
    try {
      score(batch, version, "shadow", IntStream.range(0, size).boxed().toList(), silent);
    } catch (RuntimeException e) {
      LOG.error("application {}: shadow version {} failed", batch.app(), version.version(), e);
      return List.of();
    }
    return Arrays.stream(silent).filter(Objects::nonNull).toList();
  }

  /** The answers in the order of the questions, and what shadow versions said. */
  public record Answers(List<PredictionServed> answers, List<PredictionServed> shadows) {}

  private record Batch(
      String app,
      Map<String, Integer> columns,
      List<Question> questions,
      @Nullable List<FeatureSource.Vector> vectors,
      @Nullable String fallback,
      String source) {}

  private static List<String> featureNames(Route route) {
    Set<String> names = new LinkedHashSet<>();
    for (ServedVersion version : route.versions()) {
      for (String read : version.reads()) {
        if (!read.startsWith(REQUEST_PREFIX)) {
          names.add(read);
        }
      }
    }
    return List.copyOf(names);
  }

  private void score(
      Batch batch,
      ServedVersion version,
      String role,
      List<Integer> indices,
      @Nullable PredictionServed[] out) {
    if (indices.isEmpty()) {
      return;
    }
    List<ModelInput> inputs = version.metadata().inputs();
    boolean usesFeatures =
        version.reads().stream().anyMatch(name -> !name.startsWith(REQUEST_PREFIX));
    List<Object[]> rows = new ArrayList<>(indices.size());
    Map<String, Integer> undefined = new HashMap<>();
    for (int index : indices) {
      rows.add(row(batch, version, index, name -> undefined.merge(name, 1, Integer::sum)));
    }
    undefined.forEach(
        (name, count) -> meter.undefined(batch.app(), version.version(), name, count));
    double[] scores = version.score(rows);
    long now = clock.millis();
    for (int i = 0; i < scores.length; i++) {
      int index = indices.get(i);
      Question question = batch.questions().get(index);
      out[index] =
          new PredictionServed(
              batch.app(),
              question.predictionId(),
              question.entities(),
              version.version(),
              role,
              scores[i],
              named(inputs, rows.get(i)),
              batch.vectors() == null ? Map.of() : batch.vectors().get(index).states(),
              question.momentMs(),
              now,
              Math.max(0, now - question.receivedAtMs()),
              batch.source(),
              usesFeatures ? batch.fallback() : null);
    }
  }

  private static @Nullable Object[] row(
      Batch batch, ServedVersion version, int index, Consumer<String> undefined) {
    List<ModelInput> inputs = version.metadata().inputs();
    Map<String, Object> derived =
        version.derived().evaluate(name -> value(batch, name, index), undefined);
    @Nullable Object[] row = new Object[inputs.size()];
    for (int i = 0; i < row.length; i++) {
      String name = inputs.get(i).name();
      row[i] =
          name.startsWith(DERIVED_PREFIX)
              ? derived.get(name.substring(DERIVED_PREFIX.length()))
              : value(batch, name, index);
    }
    return row;
  }

  private static @Nullable Object value(Batch batch, String name, int index) {
    if (name.startsWith(REQUEST_PREFIX)) {
      return batch.questions().get(index).request().get(name.substring(REQUEST_PREFIX.length()));
    }
    Integer column = batch.columns().get(name);
    return batch.vectors() == null || column == null
        ? null
        : batch.vectors().get(index).values()[column];
  }

  private static Map<String, Object> named(List<ModelInput> inputs, @Nullable Object[] row) {
    Map<String, Object> named = new LinkedHashMap<>();
    for (int i = 0; i < row.length; i++) {
      if (row[i] != null) {
        named.put(inputs.get(i).name(), row[i]);
      }
    }
    return named;
  }
}
