// SPDX-License-Identifier: Apache-2.0
/** Kafka: predictions on events and requests, and the log that is polled. */
@NullMarked
package io.millrace.inference.adapter.kafka;

import org.jspecify.annotations.NullMarked;
