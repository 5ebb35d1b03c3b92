// SPDX-License-Identifier: Apache-2.0
/** Quality of predictions against outcomes, in batch and on a stream, with uncertainty. */
@NullMarked
package io.millrace.stats.metric;

import org.jspecify.annotations.NullMarked;
