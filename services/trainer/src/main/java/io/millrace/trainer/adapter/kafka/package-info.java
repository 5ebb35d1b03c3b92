// SPDX-License-Identifier: Apache-2.0
/** Requests, verdicts and model versions on Kafka. */
@NullMarked
package io.millrace.trainer.adapter.kafka;

import org.jspecify.annotations.NullMarked;
