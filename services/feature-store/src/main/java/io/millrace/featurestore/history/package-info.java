// SPDX-License-Identifier: Apache-2.0
/** What happened, kept for ever: accepted events by entity, prediction moments and their labels. */
@NullMarked
package io.millrace.featurestore.history;

import org.jspecify.annotations.NullMarked;
