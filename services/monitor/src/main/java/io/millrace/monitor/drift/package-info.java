// SPDX-License-Identifier: Apache-2.0
/** Whether inputs, scores, labels or the relation between them have moved. */
@NullMarked
package io.millrace.monitor.drift;

import org.jspecify.annotations.NullMarked;
