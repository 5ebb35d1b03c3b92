// SPDX-License-Identifier: Apache-2.0
/** Tests of the monitor's HTTP clients. */
@NullMarked
package io.millrace.monitor.adapter.http;

import org.jspecify.annotations.NullMarked;
