// SPDX-License-Identifier: Apache-2.0
/** Packing by LZ4. */
@NullMarked
package io.millrace.featurestore.adapter.lz4;

import org.jspecify.annotations.NullMarked;
