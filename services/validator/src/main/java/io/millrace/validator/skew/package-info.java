// SPDX-License-Identifier: Apache-2.0
/** Whether a model is served what it was trained on: schema, values row by row, distributions. */
@NullMarked
package io.millrace.validator.skew;

import org.jspecify.annotations.NullMarked;
