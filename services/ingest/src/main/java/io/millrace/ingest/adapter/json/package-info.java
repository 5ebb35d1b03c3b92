// SPDX-License-Identifier: Apache-2.0
/** JSON, NDJSON and CloudEvents to rows. */
@NullMarked
package io.millrace.ingest.adapter.json;

import org.jspecify.annotations.NullMarked;
