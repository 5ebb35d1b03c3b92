// SPDX-License-Identifier: Apache-2.0
/** Every feature with its meaning, bounds, sources and consumers. */
@NullMarked
package io.millrace.featurestore.catalogue;

import org.jspecify.annotations.NullMarked;
