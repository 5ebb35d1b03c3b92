// SPDX-License-Identifier: Apache-2.0
/** One-pass, mergeable, bounded-memory statistics of columns and tables. */
@NullMarked
package io.millrace.stats.profile;

import org.jspecify.annotations.NullMarked;
