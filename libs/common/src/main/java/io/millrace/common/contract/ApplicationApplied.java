// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import io.millrace.common.definition.ApplicationDefinition;

/**
 * A definition came into force. Key: application; a tombstone means that it was deleted.
 *
 * @param app application
 * @param version counts from 1 with every change
 * @param hash SHA-256 of the canonical definition, lower-case hex
 * @param appliedAtMs wall clock
 */
public record ApplicationApplied(
    String app, int version, String hash, long appliedAtMs, ApplicationDefinition definition) {}
