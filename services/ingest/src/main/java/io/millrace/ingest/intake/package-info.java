// SPDX-License-Identifier: Apache-2.0
/** From a row that somebody sent to an accepted event, a dead letter or a duplicate, once. */
@NullMarked
package io.millrace.ingest.intake;

import org.jspecify.annotations.NullMarked;
