// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.topology;

import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Runs a topology record by record in this thread, with the settings and the topics of production.
 * It has one partition and knows neither caching nor commits: those need a test with a real broker.
 * Not safe for use by several threads; close it.
 */
public final class TopologyHarness implements AutoCloseable {
  private final TopologyTestDriver driver;
  private final Path stateDirectory;
  private final Instant start;

  private TopologyHarness(TopologyTestDriver driver, Path stateDirectory, Instant start) {
    this.driver = driver;
    this.stateDirectory = stateDirectory;
    this.start = start;
  }

  /**
   * Starts the topology.
   *
   * @param applicationId as in production
   * @param start its first wall-clock time and the record time of the first input
   */
  public static TopologyHarness of(Topology topology, String applicationId, Instant start) {
    try {
      Path state = Files.createTempDirectory("millrace-topology");
      Properties settings =
          new KafkaSettings("no-broker-in-this-test:9092").streams(applicationId, state);
      return new TopologyHarness(new TopologyTestDriver(topology, settings, start), state, start);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes to a topic with its own serdes; record time stands still unless a record brings its own.
   */
  public <K, V> TestInputTopic<K, V> input(Topic<K, V> topic) {
    return driver.createInputTopic(
        topic.name(),
        topic.keySerde().serializer(),
        topic.valueSerde().serializer(),
        start,
        Duration.ZERO);
  }

  /** Reads a topic with its own serdes. */
  public <K, V> TestOutputTopic<K, V> output(Topic<K, V> topic) {
    return driver.createOutputTopic(
        topic.name(), topic.keySerde().deserializer(), topic.valueSerde().deserializer());
  }

  /** A store of the topology by name. */
  public <K, V> KeyValueStore<K, V> store(String name) {
    KeyValueStore<K, V> store = driver.getKeyValueStore(name);
    if (store == null) {
      throw new IllegalArgumentException("the topology has no key-value store " + name);
    }
    return store;
  }

  /** A store of the topology's own kind by name. */
  public StateStore stateStore(String name) {
    StateStore store = driver.getStateStore(name);
    if (store == null) {
      throw new IllegalArgumentException("the topology has no store " + name);
    }
    return store;
  }

  /** Moves the wall clock on, so that wall-clock punctuators fire. Stream time follows records. */
  public void advanceWallClock(Duration by) {
    driver.advanceWallClockTime(by);
  }

  @Override
  public void close() {
    driver.close();
    // The driver removes the application's folder in it.
    try {
      Files.deleteIfExists(stateDirectory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
