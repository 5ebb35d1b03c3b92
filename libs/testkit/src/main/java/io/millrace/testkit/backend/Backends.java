// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The servers that tests run against. Each is found once per JVM, at its first use, in this order:
 *
 * <ol>
 *   <li>the address in the property {@code millrace.test.kafka}, {@code millrace.test.redis} or
 *       {@code millrace.test.cassandra} (each {@code host:port});
 *   <li>a container, where a Docker engine answers;
 *   <li>the real server from {@code infra/local}, on a free port of the loopback interface.
 * </ol>
 *
 * <p>There is no fourth: what cannot start fails the test with its reason. Nothing outlives the
 * tests, however they end. Redis and Cassandra are shared by all modules of one Maven run, Kafka by
 * the tests of one module, so tests take names of their own, see {@link #uniqueName}. Safe for use
 * by several threads.
 */
public final class Backends {
  private static final Once<KafkaBackend> KAFKA =
      announced(
          "kafka",
          () ->
              given("kafka")
                  .map(address -> new KafkaBackend(address, "given by property"))
                  .or(() -> Containers.ifDockerAnswers(Containers::kafka))
                  .orElseGet(LocalBackends::kafka));

  private static final Once<RedisBackend> REDIS =
      announced(
          "redis",
          () ->
              given("redis")
                  .map(address -> new RedisBackend("redis://" + address, "given by property"))
                  .or(() -> Containers.ifDockerAnswers(Containers::redis))
                  .orElseGet(LocalBackends::redis));

  private static final Once<CassandraBackend> CASSANDRA =
      announced(
          "cassandra",
          () ->
              given("cassandra")
                  .map(Backends::givenCassandra)
                  .or(() -> Containers.ifDockerAnswers(Containers::cassandra))
                  .orElseGet(LocalBackends::cassandra));

  private Backends() {}

  /** The broker of this JVM's tests. */
  public static KafkaBackend kafka() {
    return KAFKA.get();
  }

  /** The Redis of this Maven run. */
  public static RedisBackend redis() {
    return REDIS.get();
  }

  /** The Cassandra of this Maven run. */
  public static CassandraBackend cassandra() {
    return CASSANDRA.get();
  }

  /**
   * A name that no other test has: usable for an application, a topic, a consumer group or a
   * keyspace (lower-case letters and digits, at most 40 characters).
   *
   * @param stem what the name starts with, lower-case letters and digits, at most 28
   */
  public static String uniqueName(String stem) {
    if (!stem.matches("[a-z][a-z0-9]{0,27}")) {
      throw new IllegalArgumentException(stem + " is not 1 to 28 lower-case letters and digits");
    }
    return stem + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
  }

  private static Optional<String> given(String name) {
    return Optional.ofNullable(System.getProperty("millrace.test." + name))
        .filter(address -> !address.isBlank());
  }

  private static CassandraBackend givenCassandra(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException(
          "millrace.test.cassandra is " + address + ", not host:port");
    }
    return new CassandraBackend(
        new InetSocketAddress(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
        System.getProperty("millrace.test.cassandra.datacenter", "datacenter1"),
        "given by property");
  }

  private static <T> Once<T> announced(String name, Supplier<T> source) {
    return new Once<>(
        () -> {
          long start = System.nanoTime();
          T backend = source.get();
          System.out.printf(
              "[backends] %s: %s, after %.1f s%n",
              name, backend, (System.nanoTime() - start) / 1e9);
          return backend;
        });
  }
}
