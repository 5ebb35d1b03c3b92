// SPDX-License-Identifier: Apache-2.0
/** The one class of Cassandra 5.0 that a JDK without security managers cannot load, replaced. */
@NullMarked
package org.apache.cassandra.security;

import org.jspecify.annotations.NullMarked;
