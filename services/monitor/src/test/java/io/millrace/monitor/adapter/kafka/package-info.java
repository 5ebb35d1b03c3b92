// SPDX-License-Identifier: Apache-2.0
/** Tests of this package. */
@NullMarked
package io.millrace.monitor.adapter.kafka;

import org.jspecify.annotations.NullMarked;
