// SPDX-License-Identifier: Apache-2.0
/** Tests of the whole service. */
@NullMarked
package io.millrace.monitor;

import org.jspecify.annotations.NullMarked;
