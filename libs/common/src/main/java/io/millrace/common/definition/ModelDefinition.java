// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The model to train.
 *
 * @param task {@code binary} (default) or {@code regression}
 * @param features inputs: {@code view.feature}, {@code view.*}, {@code derived.name}, or {@code
 *     event.field} for a field of the deciding event (a request field at serving)
 * @param algorithm what to train
 * @param search how to choose parameters
 * @param split how the evaluation rows are chosen
 * @param heuristics name → CEL score over {@code view.feature} and {@code event.field}: simple
 *     rules that a model has to beat
 */
public record ModelDefinition(
    @Nullable String task,
    List<String> features,
    @Nullable Algorithm algorithm,
    @Nullable Search search,
    @Nullable Split split,
    Map<String, String> heuristics) {

  public ModelDefinition {
    features = Frozen.list(features);
    heuristics = Frozen.map(heuristics);
  }

  /**
   * @param kind {@code xgboost} (default), {@code logistic} or {@code mlp}
   * @param parameters engine parameters that stay fixed in the search
   */
  public record Algorithm(@Nullable String kind, Map<String, Object> parameters) {
    public Algorithm {
      parameters = Frozen.map(parameters);
    }
  }

  /**
   * @param kind {@code random} (default) or {@code none}
   * @param trials default 4
   * @param budget wall-clock limit, for example {@code 10m}
   * @param seed default 17
   */
  public record Search(
      @Nullable String kind,
      @Nullable Integer trials,
      @Nullable String budget,
      @Nullable Long seed) {}

  /**
   * @param kind {@code time} (default: the last rows by moment), {@code hash} or {@code group} (by
   *     entity)
   * @param eval share of the evaluation rows, for example {@code 20%}
   * @param entity entity of a group split
   */
  public record Split(@Nullable String kind, @Nullable String eval, @Nullable String entity) {}

  public String algorithmKind() {
    return algorithm == null || algorithm.kind() == null ? "xgboost" : algorithm.kind();
  }

  /** Share of evaluation rows, 0 to 1, default 0.2. */
  public double evalShare() {
    if (split == null || split.eval() == null) {
      return 0.2;
    }
    String text = split.eval().trim();
    return text.endsWith("%")
        ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100
        : Double.parseDouble(text);
  }
}
