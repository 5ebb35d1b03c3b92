// SPDX-License-Identifier: Apache-2.0
/** The event log, the dead letters, the raw topics and the definitions on Kafka. */
@NullMarked
package io.millrace.ingest.adapter.kafka;

import org.jspecify.annotations.NullMarked;
