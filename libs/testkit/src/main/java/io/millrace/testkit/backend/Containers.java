// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import io.millrace.local.LocalCassandra;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/** The servers as containers; Testcontainers removes them after the JVM, however it ends. */
final class Containers {
  private static final String RESOLUTION = "container";
  private static final int REDIS_PORT = 6379;
  private static final int CASSANDRA_PORT = 9042;

  private static final Once<Boolean> DOCKER =
      new Once<>(() -> engineMayExist() && DockerClientFactory.instance().isDockerAvailable());

  private Containers() {}

  static <T> Optional<T> ifDockerAnswers(Supplier<T> container) {
    return DOCKER.get() ? Optional.of(container.get()) : Optional.empty();
  }

  /** Spares a machine without any engine the search of all places where one could be. */
  private static boolean engineMayExist() {
    Path user = Path.of(System.getProperty("user.home"));
    String runtime = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/nonexistent");
    return System.getenv("DOCKER_HOST") != null
        || Files.exists(Path.of("/var/run/docker.sock"))
        || Files.exists(Path.of(runtime, "docker.sock"))
        || Files.exists(user.resolve(".docker/run/docker.sock"))
        || Files.exists(user.resolve(".testcontainers.properties"));
  }

  static KafkaBackend kafka() {
    KafkaContainer kafka =
        new KafkaContainer(DockerImageName.parse("apache/kafka:4.0.2"))
            .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
            .withEnv("KAFKA_LOG_RETENTION_MS", "-1")
            .withEnv("KAFKA_LOG_MESSAGE_TIMESTAMP_AFTER_MAX_MS", Long.toString(Long.MAX_VALUE));
    kafka.start();
    return new KafkaBackend(kafka.getBootstrapServers(), RESOLUTION);
  }

  // The container outlives this method on purpose: it serves until the JVM ends.
  @SuppressWarnings("resource")
  static RedisBackend redis() {
    GenericContainer<?> redis =
        new GenericContainer<>(DockerImageName.parse("redis:7.4"))
            .withExposedPorts(REDIS_PORT)
            .withCommand("redis-server", "--appendonly", "yes");
    redis.start();
    return new RedisBackend(
        "redis://" + redis.getHost() + ":" + redis.getMappedPort(REDIS_PORT), RESOLUTION);
  }

  // As above.
  @SuppressWarnings("resource")
  static CassandraBackend cassandra() {
    GenericContainer<?> cassandra =
        new GenericContainer<>(DockerImageName.parse("cassandra:5.0"))
            .withExposedPorts(CASSANDRA_PORT)
            .withEnv("MAX_HEAP_SIZE", "768M")
            .withEnv("HEAP_NEWSIZE", "128M")
            .withEnv("JVM_OPTS", "-Dcassandra.skip_wait_for_gossip_to_settle=0")
            .waitingFor(Wait.forLogMessage(".*Startup complete.*", 1))
            .withStartupTimeout(Duration.ofMinutes(3));
    cassandra.start();
    return new CassandraBackend(
        new InetSocketAddress(cassandra.getHost(), cassandra.getMappedPort(CASSANDRA_PORT)),
        LocalCassandra.DATACENTER,
        RESOLUTION);
  }
}
