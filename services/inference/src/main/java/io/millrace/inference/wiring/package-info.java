// SPDX-License-Identifier: Apache-2.0
/** Spring: main, beans, properties, function bindings. */
@NullMarked
package io.millrace.inference.wiring;

import org.jspecify.annotations.NullMarked;
