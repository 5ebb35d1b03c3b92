// SPDX-License-Identifier: Apache-2.0
/** Starts the trainer: beans, properties, bindings. */
@NullMarked
package io.millrace.trainer.wiring;

import org.jspecify.annotations.NullMarked;
