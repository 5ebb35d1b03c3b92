// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.ReferenceProfile;
import io.millrace.common.definition.MonitorDefinition;
import io.millrace.monitor.drift.ConceptWatch;
import io.millrace.monitor.drift.DriftFinding;
import io.millrace.monitor.drift.InputWindow;
import io.millrace.monitor.drift.LabelShare;
import io.millrace.monitor.drift.OutcomeStream;
import io.millrace.monitor.drift.ServedDrift;
import io.millrace.monitor.drift.SliceOutcomes;
import io.millrace.monitor.performance.Outcome;
import io.millrace.monitor.performance.RecentOutcomes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is watched of one version while it is champion. Inputs are watched from the
 * moment on at which its reference profile is there; asking for it costs at most one call per
 * {@value #ASK_EVERY_ROWS} rows. Not thread-safe.
 */
final class VersionDrift {
  private static final int ASK_EVERY_ROWS = 200;

  private final Supplier<Optional<ReferenceProfile>> reference;
  private final WatchSettings settings;
  private final ConceptWatch concept;
  private final LabelShare labels;
  private final SliceOutcomes slices;
  private @Nullable ServedDrift inputs;
  private int rows;

  VersionDrift(Supplier<Optional<ReferenceProfile>> reference, WatchSettings settings) {
    int windowRows = settings.windowRows();
    double level = settings.falseAlarmLevel();
    this.reference = reference;
    this.settings = settings;
    this.concept =
        new ConceptWatch(
            windowRows,
            level,
            settings.detector().equals(MonitorDefinition.NO_DETECTOR)
                ? null
                : new OutcomeStream(settings.detector(), level));
    this.labels = new LabelShare(windowRows, level);
    this.slices = new SliceOutcomes(settings.slices(), windowRows, level);
  }

  List<DriftFinding> served(Map<String, Object> features, double score, long momentMs) {
    if (inputs == null && rows++ % ASK_EVERY_ROWS == 0) {
      inputs =
          reference
              .get()
              .map(
                  profile ->
                      new ServedDrift(
                          profile,
                          settings.slices(),
                          settings.windowRows(),
                          settings.falseAlarmLevel()))
              .orElse(null);
    }
    return inputs == null ? List.of() : inputs.add(features, score, momentMs);
  }

  /** What is still to be found of the last served row, without any lock. */
  Optional<Supplier<DriftFinding>> look() {
    return inputs == null ? Optional.empty() : inputs.look();
  }

  /** The shares of an input beside those of training, where there are any yet. */
  Optional<InputWindow.Shares> shares(String subject) {
    return inputs == null ? Optional.empty() : inputs.shares(subject);
  }

  /**
   * @param features what it was predicted from
   * @param recent the last outcomes, this one among them
   */
  List<DriftFinding> outcome(Outcome outcome, Map<String, Object> features, RecentOutcomes recent) {
    List<DriftFinding> findings = new ArrayList<>(slices.add(features, outcome));
    DriftFinding conceptual = concept.look(outcome, recent);
    if (conceptual != null) {
      findings.add(conceptual);
    }
    DriftFinding label = labels.add(outcome);
    if (label != null) {
      findings.add(label);
    }
    return findings;
  }
}
