// SPDX-License-Identifier: Apache-2.0
/** Small measurements by JMH, each in a JVM of its own. */
@NullMarked
package io.millrace.bench.jmh;

import org.jspecify.annotations.NullMarked;
