// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

/**
 * A Kafka to test with.
 *
 * @param bootstrapServers what clients take as {@code bootstrap.servers}
 * @param resolution where it comes from
 */
public record KafkaBackend(String bootstrapServers, String resolution) {}
