// SPDX-License-Identifier: Apache-2.0
/** Builds that are under way and spines, as files. */
@NullMarked
package io.millrace.featurestore.adapter.file;

import org.jspecify.annotations.NullMarked;
