// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

/**
 * An accepted event in the history of one entity key.
 *
 * @param seq counts from 1 within the history: the events with {@code seq ≤ n}, in this order, give
 *     the state of version {@code n}
 * @param data the event's fields as one JSON object
 */
public record HistoryRow(long seq, String id, long eventTimeMs, long knownAtMs, byte[] data) {}
