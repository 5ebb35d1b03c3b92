// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

/**
 * A Redis to test with.
 *
 * @param uri what clients take, {@code redis://host:port}
 * @param resolution where it comes from
 */
public record RedisBackend(String uri, String resolution) {}
