// SPDX-License-Identifier: Apache-2.0
/** Two-sample tests and the verdicts built on them: stable, drifted, or cannot tell. */
@NullMarked
package io.millrace.stats.test;

import org.jspecify.annotations.NullMarked;
