// SPDX-License-Identifier: Apache-2.0
/** Waiting for conditions with a deadline. */
@NullMarked
package io.millrace.testkit.await;

import org.jspecify.annotations.NullMarked;
