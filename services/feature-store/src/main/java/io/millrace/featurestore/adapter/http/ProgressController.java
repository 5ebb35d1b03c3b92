// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.featurestore.adapter.http.ProgressController.Source.Streams;
import io.millrace.featurestore.progress.ProgressBoard;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** How far an application's features and labels are, as of the last commit. */
@RestController
@RequestMapping("/v1/applications/{app}/progress")
public final class ProgressController {
  private final ApplicationRegistry registry;
  private final ProgressBoard board;
  private final Source source;

  /** Where the state of the streams comes from. */
  @FunctionalInterface
  public interface Source {
    /**
     * @param states streams application → state
     * @param featuresId application id of the features that answer
     * @param labelsId application id of the labels; blank without
     * @param lag records not committed yet; empty where that is not known
     * @param rolling whether a next version is catching up
     * @param failure why processing does not go on; blank where it does
     */
    record Streams(
        List<String> states,
        String featuresId,
        String labelsId,
        OptionalLong lag,
        boolean rolling,
        String failure) {}

    Optional<Streams> of(String app);
  }

  public ProgressController(ApplicationRegistry registry, ProgressBoard board, Source source) {
    this.registry = registry;
    this.board = board;
    this.source = source;
  }

  @GetMapping
  Map<String, @Nullable Object> progress(@PathVariable String app) {
    registry.require(app);
    Streams streams =
        source
            .of(app)
            .orElseThrow(() -> ProblemException.unavailable("'" + app + "' is being started", 1));
    ProgressBoard.Snapshot features = board.of(streams.featuresId());
    ProgressBoard.Snapshot labels = board.of(streams.labelsId());
    Map<String, Long> byProvenance = new LinkedHashMap<>();
    for (Provenance provenance : Provenance.values()) {
      byProvenance.put(provenance.name(), labels.tallies().getOrDefault(provenance.name(), 0L));
    }
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("app", app);
    answer.put("applied", features.tallies().getOrDefault("applied", 0L));
    answer.put("late", features.tallies().getOrDefault("late", 0L));
    answer.put("held", features.tallies().getOrDefault("held", 0L));
    answer.put("refused", features.tallies().getOrDefault("refused", 0L));
    answer.put("undefined", features.tallies().getOrDefault("undefined", 0L));
    answer.put("written", features.tallies().getOrDefault("written", 0L));
    answer.put("moments", labels.tallies().getOrDefault("moments", 0L));
    answer.put("unlabelled", labels.tallies().getOrDefault("unlabelled", 0L));
    answer.put("lateMoments", labels.tallies().getOrDefault("late_moments", 0L));
    answer.put("lateOutcomes", labels.tallies().getOrDefault("late_outcomes", 0L));
    answer.put("labels", byProvenance);
    // Null where Kafka does not say: before the streams have begun, or when it hangs.
    answer.put("lag", streams.lag().isPresent() ? streams.lag().getAsLong() : null);
    long streamTime = Math.max(features.streamTimeMs(), labels.streamTimeMs());
    if (streamTime != Long.MIN_VALUE) {
      answer.put("streamTimeMs", streamTime);
    }
    answer.put("streams", streams.states());
    answer.put("rolling", streams.rolling());
    if (!streams.failure().isEmpty()) {
      answer.put("failure", streams.failure());
    }
    return answer;
  }
}
