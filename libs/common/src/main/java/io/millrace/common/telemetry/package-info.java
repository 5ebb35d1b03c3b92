// SPDX-License-Identifier: Apache-2.0
/** Trace context through Kafka headers. */
@NullMarked
package io.millrace.common.telemetry;

import org.jspecify.annotations.NullMarked;
