// SPDX-License-Identifier: Apache-2.0
/** A server that says what a test wants to hear. */
@NullMarked
package io.millrace.testkit.http;

import org.jspecify.annotations.NullMarked;
