// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import org.jspecify.annotations.Nullable;

/**
 * A dead letter on {@code <app>.rejected}. Key: event id.
 *
 * @param eventId id, or the origin where it had none
 * @param event kind of event, as far as known
 * @param service who rejected it
 * @param reason stable word, for counting: {@code malformed}, {@code unknown-event}, {@code
 *     missing-key}, {@code missing-time}, {@code time-format}, {@code time-future}, {@code type},
 *     {@code required}, {@code range}, {@code not-finite}, {@code too-large}, …
 * @param field field at fault
 * @param message for a person
 * @param origin {@code http}, or topic/partition/offset
 * @param payload what arrived, personal fields hashed; withheld where it could not be parsed and
 *     the event has personal fields; at most 16 KiB
 * @param rejectedAtMs wall clock
 */
public record EventRejected(
    String app,
    String eventId,
    @Nullable String event,
    String service,
    String reason,
    @Nullable String field,
    String message,
    String origin,
    @Nullable String payload,
    long rejectedAtMs) {}
