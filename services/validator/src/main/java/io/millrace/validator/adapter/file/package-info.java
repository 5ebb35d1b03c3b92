// SPDX-License-Identifier: Apache-2.0
/** What the validator keeps on its own disk. */
@NullMarked
package io.millrace.validator.adapter.file;

import org.jspecify.annotations.NullMarked;
