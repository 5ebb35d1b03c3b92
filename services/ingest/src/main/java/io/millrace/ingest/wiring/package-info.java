// SPDX-License-Identifier: Apache-2.0
/** Spring: the main class, beans and settings. */
@NullMarked
package io.millrace.ingest.wiring;

import org.jspecify.annotations.NullMarked;
