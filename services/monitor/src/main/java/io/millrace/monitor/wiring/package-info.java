// SPDX-License-Identifier: Apache-2.0
/** Spring: main, beans, properties. */
@NullMarked
package io.millrace.monitor.wiring;

import org.jspecify.annotations.NullMarked;
