// SPDX-License-Identifier: Apache-2.0
/** Fitting models: data, learners, the search for parameters, and evaluation. */
@NullMarked
package io.millrace.trainer.learning;

import org.jspecify.annotations.NullMarked;
