// SPDX-License-Identifier: Apache-2.0
/** A new feature of a long window on live traffic: how fast it is there, and what others notice. */
@NullMarked
package io.millrace.bench.backfill;

import org.jspecify.annotations.NullMarked;
