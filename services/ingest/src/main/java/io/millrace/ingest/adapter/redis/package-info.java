// SPDX-License-Identifier: Apache-2.0
/** Ids, books, offsets and leases in Redis. */
@NullMarked
package io.millrace.ingest.adapter.redis;

import org.jspecify.annotations.NullMarked;
