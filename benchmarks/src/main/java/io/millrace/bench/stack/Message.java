// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

/**
 * An event on its way.
 *
 * @param id by which it is known again at the other end
 * @param body one line of JSON
 */
public record Message(String id, String body) {}
