// SPDX-License-Identifier: Apache-2.0
/** The OpenTelemetry SDK and server spans. */
@NullMarked
package io.millrace.chassis.telemetry;

import org.jspecify.annotations.NullMarked;
