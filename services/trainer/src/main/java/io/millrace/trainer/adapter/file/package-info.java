// SPDX-License-Identifier: Apache-2.0
/** Runs and packages on disk. */
@NullMarked
package io.millrace.trainer.adapter.file;

import org.jspecify.annotations.NullMarked;
