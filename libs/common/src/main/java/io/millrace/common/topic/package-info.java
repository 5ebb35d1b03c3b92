// SPDX-License-Identifier: Apache-2.0
/** The catalogue of topics: name, types, partitions, retention and owner of each, stated once. */
@NullMarked
package io.millrace.common.topic;

import org.jspecify.annotations.NullMarked;
