// SPDX-License-Identifier: Apache-2.0
/** History, moments and generations in Cassandra. */
@NullMarked
package io.millrace.featurestore.adapter.cassandra;

import org.jspecify.annotations.NullMarked;
