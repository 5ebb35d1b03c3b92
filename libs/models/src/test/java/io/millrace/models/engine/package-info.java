// SPDX-License-Identifier: Apache-2.0
/** The contract of scoring engines, run for each of them. */
@NullMarked
package io.millrace.models.engine;

import org.jspecify.annotations.NullMarked;
