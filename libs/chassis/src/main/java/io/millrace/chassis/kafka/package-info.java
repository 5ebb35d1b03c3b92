// SPDX-License-Identifier: Apache-2.0
/** Kafka clients, publishing and their health. */
@NullMarked
package io.millrace.chassis.kafka;

import org.jspecify.annotations.NullMarked;
