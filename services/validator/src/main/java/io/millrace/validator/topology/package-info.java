// SPDX-License-Identifier: Apache-2.0
/** The Kafka Streams graph that turns events into verdicts. */
@NullMarked
package io.millrace.validator.topology;

import org.jspecify.annotations.NullMarked;
