// SPDX-License-Identifier: Apache-2.0
/** Training runs: from a request to a published model version or a refusal with reasons. */
@NullMarked
package io.millrace.trainer.run;

import org.jspecify.annotations.NullMarked;
