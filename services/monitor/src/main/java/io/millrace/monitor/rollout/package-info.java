// SPDX-License-Identifier: Apache-2.0
/** When a blessed version becomes the champion. */
@NullMarked
package io.millrace.monitor.rollout;

import org.jspecify.annotations.NullMarked;
