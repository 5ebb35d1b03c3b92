// SPDX-License-Identifier: Apache-2.0
/** Kafka Streams: features and labels computed from events, exactly once. */
@NullMarked
package io.millrace.featurestore.topology;

import org.jspecify.annotations.NullMarked;
