// SPDX-License-Identifier: Apache-2.0
/** Starts, watches and stops real Kafka, Redis and Cassandra processes on this machine. */
@NullMarked
package io.millrace.local;

import org.jspecify.annotations.NullMarked;
