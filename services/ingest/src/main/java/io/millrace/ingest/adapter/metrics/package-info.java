// SPDX-License-Identifier: Apache-2.0
/** Micrometer meters of the intake. */
@NullMarked
package io.millrace.ingest.adapter.metrics;

import org.jspecify.annotations.NullMarked;
