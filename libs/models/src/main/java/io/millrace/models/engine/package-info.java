// SPDX-License-Identifier: Apache-2.0
/** The scoring engines: weights in, probabilities or values out. */
@NullMarked
package io.millrace.models.engine;

import org.jspecify.annotations.NullMarked;
