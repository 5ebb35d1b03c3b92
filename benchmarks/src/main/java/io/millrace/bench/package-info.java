// SPDX-License-Identifier: Apache-2.0
/** What {@code millrace bench} runs, and how its figures are shown and kept. */
@NullMarked
package io.millrace.bench;

import org.jspecify.annotations.NullMarked;
