// SPDX-License-Identifier: Apache-2.0
/** The one Kafka Streams and Kafka client configuration. */
@NullMarked
package io.millrace.common.streams;

import org.jspecify.annotations.NullMarked;
