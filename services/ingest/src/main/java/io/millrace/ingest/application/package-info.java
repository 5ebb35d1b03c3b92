// SPDX-License-Identifier: Apache-2.0
/** Which applications there are, and what a new definition may change. */
@NullMarked
package io.millrace.ingest.application;

import org.jspecify.annotations.NullMarked;
