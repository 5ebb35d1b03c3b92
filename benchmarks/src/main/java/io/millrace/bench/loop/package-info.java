// SPDX-License-Identifier: Apache-2.0
/** The whole loop: from an event at the front door to its features and its prediction. */
@NullMarked
package io.millrace.bench.loop;

import org.jspecify.annotations.NullMarked;
