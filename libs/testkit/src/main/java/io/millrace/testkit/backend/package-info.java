// SPDX-License-Identifier: Apache-2.0
/** Real Kafka, Redis and Cassandra for tests, however they can be had on this machine. */
@NullMarked
package io.millrace.testkit.backend;

import org.jspecify.annotations.NullMarked;
