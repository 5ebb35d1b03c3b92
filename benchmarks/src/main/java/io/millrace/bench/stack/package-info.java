// SPDX-License-Identifier: Apache-2.0
/** What benchmarks with services share: a stack of their own, and how they wait and send. */
@NullMarked
package io.millrace.bench.stack;

import org.jspecify.annotations.NullMarked;
