// SPDX-License-Identifier: Apache-2.0
/** Spines as CSV. */
@NullMarked
package io.millrace.featurestore.adapter.csv;

import org.jspecify.annotations.NullMarked;
