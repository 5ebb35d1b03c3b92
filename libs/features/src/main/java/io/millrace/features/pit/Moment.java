// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.pit;

import org.jspecify.annotations.Nullable;

/**
 * When a row of features is wanted.
 *
 * @param asOfMs T: windows end here, in event time
 * @param knownAtMs only events known by then are used, those of the same millisecond included
 * @param excludedEventId an event that the row must not see, or null; used where the label is
 *     computed from the deciding event itself
 */
public record Moment(long asOfMs, long knownAtMs, @Nullable String excludedEventId) {}
