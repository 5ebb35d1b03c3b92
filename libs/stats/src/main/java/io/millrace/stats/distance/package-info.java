// SPDX-License-Identifier: Apache-2.0
/** Distances between two distributions, with their sources and default thresholds. */
@NullMarked
package io.millrace.stats.distance;

import org.jspecify.annotations.NullMarked;
