// SPDX-License-Identifier: Apache-2.0
/** Tests of this package. */
@NullMarked
package io.millrace.monitor.alert;

import org.jspecify.annotations.NullMarked;
