// SPDX-License-Identifier: Apache-2.0
/** Judges spans of data: statistics, learned schema, anomalies, verdict. */
@NullMarked
package io.millrace.validator.data;

import org.jspecify.annotations.NullMarked;
