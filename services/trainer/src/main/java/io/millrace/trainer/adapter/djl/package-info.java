// SPDX-License-Identifier: Apache-2.0
/** A PyTorch network as a learner. */
@NullMarked
package io.millrace.trainer.adapter.djl;

import org.jspecify.annotations.NullMarked;
