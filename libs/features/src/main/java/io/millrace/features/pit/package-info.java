// SPDX-License-Identifier: Apache-2.0
/** Features as they were known at past moments, by the code that computes them live. */
@NullMarked
package io.millrace.features.pit;

import org.jspecify.annotations.NullMarked;
