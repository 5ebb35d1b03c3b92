// SPDX-License-Identifier: Apache-2.0
/** Kafka Streams topologies in tests without a broker. */
@NullMarked
package io.millrace.testkit.topology;

import org.jspecify.annotations.NullMarked;
