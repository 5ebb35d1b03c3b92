// SPDX-License-Identifier: Apache-2.0
/** Tests of run. */
@NullMarked
package io.millrace.trainer.run;

import org.jspecify.annotations.NullMarked;
