// SPDX-License-Identifier: Apache-2.0
/** Tests of wiring. */
@NullMarked
package io.millrace.trainer.wiring;

import org.jspecify.annotations.NullMarked;
