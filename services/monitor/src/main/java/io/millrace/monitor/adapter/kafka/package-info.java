// SPDX-License-Identifier: Apache-2.0
/** Kafka: the feed of an application's topics. */
@NullMarked
package io.millrace.monitor.adapter.kafka;

import org.jspecify.annotations.NullMarked;
