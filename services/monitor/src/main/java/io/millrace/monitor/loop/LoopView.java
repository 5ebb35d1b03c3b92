// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.loop;

import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.SkewJudged;
import io.millrace.monitor.drift.DriftFinding;
import io.millrace.monitor.performance.LabelBook;
import io.millrace.monitor.performance.VersionPerformance;
import io.millrace.monitor.retraining.RetrainingPolicy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of an application's loop.
 *
 * @param skews what comparisons of served vectors with training rows gave, span by span
 * @param labels the labels as such
 * @param unpublished announcements that wait for the broker
 */
public record LoopView(
    String app,
    @Nullable String description,
    boolean live,
    @Nullable Long streamTimeMs,
    Map<String, Long> counts,
    int waitingForOutcome,
    @Nullable String champion,
    List<ModelVersionChanged> versions,
    List<VersionPerformance.Summary> performance,
    List<DriftFinding> lastLooks,
    List<DriftDetected> drifts,
    List<AlertRaised> alerts,
    List<DataVerdict> verdicts,
    List<SkewJudged> skews,
    RetrainingPolicy.State retraining,
    List<Timeline.Entry> timeline,
    LabelBook.Report labels,
    int unpublished) {}
