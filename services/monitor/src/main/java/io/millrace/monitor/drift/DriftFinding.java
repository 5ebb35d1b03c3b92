// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.drift;

import io.millrace.common.contract.DriftDetected;
import org.jspecify.annotations.Nullable;

/**
 * One look at one subject.
 *
 * @param subject input, {@code prediction}, {@code label} or {@code outcome}
 * @param effect size of the change, for people
 * @param unitChange whether a change of unit explains it
 */
public record DriftFinding(
    String subject,
    DriftDetected.Kind kind,
    String test,
    double statistic,
    double threshold,
    @Nullable Double pValue,
    String effect,
    boolean unitChange,
    boolean drifted,
    long windowStartMs,
    long windowEndMs,
    long rows) {}
