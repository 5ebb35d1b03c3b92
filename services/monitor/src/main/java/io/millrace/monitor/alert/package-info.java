// SPDX-License-Identifier: Apache-2.0
/** Open and resolved alerts. */
@NullMarked
package io.millrace.monitor.alert;

import org.jspecify.annotations.NullMarked;
