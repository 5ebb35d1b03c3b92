// SPDX-License-Identifier: Apache-2.0
/** Simulations over sketches that repeat themselves. */
@NullMarked
package io.millrace.testkit.sketch;

import org.jspecify.annotations.NullMarked;
