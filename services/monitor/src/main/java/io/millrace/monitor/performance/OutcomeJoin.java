// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.performance;

import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.PredictionServed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Joins predictions with labels by prediction id, whichever comes first. A prediction of each model
 * version joins once; a later revision of a label is told as a correction. What waits is bounded:
 * beyond the limit the oldest is given up and counted. Not thread-safe.
 */
public final class OutcomeJoin {
  private final int waitingMax;
  private final Map<String, List<PredictionServed>> predictions = new LinkedHashMap<>();
  private final Map<String, OutcomeLabelled> labels = new LinkedHashMap<>();
  private final Map<String, Joined> joined = new LinkedHashMap<>();
  private long givenUp;

  private record Joined(List<PredictionServed> predictions, OutcomeLabelled label) {}

  /**
   * @param waitingMax most predictions, labels and joined pairs remembered
   */
  public OutcomeJoin(int waitingMax) {
    this.waitingMax = waitingMax;
  }

  /**
   * A pair that came together.
   *
   * @param correction whether the pair was told before with another label
   */
  public record Pair(PredictionServed prediction, OutcomeLabelled label, boolean correction) {}

  /** Takes a prediction; a repetition (same id and version) gives nothing. */
  public List<Pair> predicted(PredictionServed prediction) {
    String id = prediction.predictionId();
    Joined known = joined.get(id);
    if (known != null) {
      return isKnown(known.predictions(), prediction)
          ? List.of()
          : join(id, List.of(prediction), known.label(), known.predictions());
    }
    OutcomeLabelled label = labels.remove(id);
    if (label != null) {
      return join(id, List.of(prediction), label, List.of());
    }
    List<PredictionServed> waiting = predictions.computeIfAbsent(id, ignored -> new ArrayList<>(1));
    if (!isKnown(waiting, prediction)) {
      waiting.add(slim(prediction));
    }
    trim(predictions);
    return List.of();
  }

  /** Takes a label; an older or equal revision gives nothing. */
  public List<Pair> labelled(OutcomeLabelled label) {
    String id = label.predictionId();
    Joined known = joined.get(id);
    if (known != null) {
      if (label.revision() <= known.label().revision()) {
        return List.of();
      }
      joined.put(id, new Joined(known.predictions(), label));
      return known.predictions().stream().map(each -> new Pair(each, label, true)).toList();
    }
    List<PredictionServed> waiting = predictions.remove(id);
    if (waiting != null) {
      return join(id, waiting, label, List.of());
    }
    labels.merge(id, label, (a, b) -> a.revision() >= b.revision() ? a : b);
    trim(labels);
    return List.of();
  }

  /** Predictions that wait for their label. */
  public int waiting() {
    return predictions.size();
  }

  /** Predictions and labels that waited too long to be kept. */
  public long givenUp() {
    return givenUp;
  }

  private List<Pair> join(
      String id, List<PredictionServed> fresh, OutcomeLabelled label, List<PredictionServed> old) {
    List<PredictionServed> all = new ArrayList<>(old);
    fresh.forEach(each -> all.add(slim(each)));
    joined.put(id, new Joined(all, label));
    if (joined.size() > waitingMax) {
      // Only corrections need it; the oldest pair is past its label window many times over.
      joined.remove(joined.keySet().iterator().next());
    }
    return fresh.stream().map(each -> new Pair(each, label, false)).toList();
  }

  private static boolean isKnown(List<PredictionServed> known, PredictionServed prediction) {
    return known.stream().anyMatch(each -> each.modelVersion().equals(prediction.modelVersion()));
  }

  /** Without the inputs, which are by far the larger part and not needed to join. */
  private static PredictionServed slim(PredictionServed prediction) {
    return new PredictionServed(
        prediction.app(),
        prediction.predictionId(),
        Map.of(),
        prediction.modelVersion(),
        prediction.role(),
        prediction.score(),
        Map.of(),
        Map.of(),
        prediction.momentMs(),
        prediction.servedAtMs(),
        prediction.latencyMs(),
        prediction.source(),
        prediction.fallback());
  }

  private void trim(Map<String, ?> waiting) {
    if (waiting.size() > waitingMax) {
      waiting.remove(waiting.keySet().iterator().next());
      givenUp++;
    }
  }
}
