// SPDX-License-Identifier: Apache-2.0
/** The feature engine: in process, through its service, and beside databases that do the same. */
@NullMarked
package io.millrace.bench.features;

import org.jspecify.annotations.NullMarked;
