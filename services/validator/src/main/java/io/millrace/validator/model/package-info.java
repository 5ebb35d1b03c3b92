// SPDX-License-Identifier: Apache-2.0
/** Judges model versions: the held-out rows, baselines, the champion, slices, gates. */
@NullMarked
package io.millrace.validator.model;

import org.jspecify.annotations.NullMarked;
