// SPDX-License-Identifier: Apache-2.0
/** What the next value of a series should be, given those before it: bands for volume alarms. */
@NullMarked
package io.millrace.stats.forecast;

import org.jspecify.annotations.NullMarked;
