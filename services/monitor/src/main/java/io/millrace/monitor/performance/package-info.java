// SPDX-License-Identifier: Apache-2.0
/** Predictions joined with their outcomes, and how good each model version is. */
@NullMarked
package io.millrace.monitor.performance;

import org.jspecify.annotations.NullMarked;
