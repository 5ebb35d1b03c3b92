// SPDX-License-Identifier: Apache-2.0
/** Profiles and drift detectors: speed, memory, false alarms, power and delay. */
@NullMarked
package io.millrace.bench.stats;

import org.jspecify.annotations.NullMarked;
