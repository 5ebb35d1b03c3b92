// SPDX-License-Identifier: Apache-2.0
/** When to ask for a training run. */
@NullMarked
package io.millrace.monitor.retraining;

import org.jspecify.annotations.NullMarked;
