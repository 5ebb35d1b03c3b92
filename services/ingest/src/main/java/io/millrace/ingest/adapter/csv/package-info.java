// SPDX-License-Identifier: Apache-2.0
/** CSV bodies to rows. */
@NullMarked
package io.millrace.ingest.adapter.csv;

import org.jspecify.annotations.NullMarked;
