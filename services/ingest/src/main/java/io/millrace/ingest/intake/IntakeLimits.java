// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.time.Duration;

/**
 * Limits of the intake.
 *
 * @param claimAge age at which the claim of a process that is not alive may be taken over
 * @param pendingWait how long to wait for ids that somebody else is at
 */
public record IntakeLimits(Duration claimAge, Duration pendingWait) {}
