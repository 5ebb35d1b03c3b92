// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import io.millrace.features.pit.KnownEvent;

/**
 * A row of a history, read back.
 *
 * @param seq see {@link HistoryRow#seq()}
 */
public record HistoricEvent(long seq, KnownEvent event) {}
