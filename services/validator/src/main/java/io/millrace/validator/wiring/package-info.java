// SPDX-License-Identifier: Apache-2.0
/** Spring: the process, its beans and function bindings. */
@NullMarked
package io.millrace.validator.wiring;

import org.jspecify.annotations.NullMarked;
