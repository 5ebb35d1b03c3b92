// SPDX-License-Identifier: Apache-2.0
/** The service as a whole, on real backends. */
@NullMarked
package io.millrace.ingest;

import org.jspecify.annotations.NullMarked;
