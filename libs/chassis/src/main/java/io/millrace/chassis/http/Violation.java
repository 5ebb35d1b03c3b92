// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

/**
 * One broken rule.
 *
 * @param path where, for example {@code featureViews.spend.features.s7d.window} or {@code
 *     [3].price}
 * @param rule stable word
 * @param message for a person
 */
public record Violation(String path, String rule, String message) {}
