// SPDX-License-Identifier: Apache-2.0
/** Comparing what was served with what history says. */
@NullMarked
package io.millrace.featurestore.parity;

import org.jspecify.annotations.NullMarked;
