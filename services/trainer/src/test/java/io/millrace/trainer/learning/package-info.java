// SPDX-License-Identifier: Apache-2.0
/** Tests of learning. */
@NullMarked
package io.millrace.trainer.learning;

import org.jspecify.annotations.NullMarked;
