// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.streams.KafkaSettings;
import io.millrace.validator.data.PatternBook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;

/** A process of its own that validates an application, to be killed. */
final class TopologyProcess {
  private TopologyProcess() {}

  /** Arguments: bootstrap servers, application, state folder. */
  public static void main(String[] args) {
    // Who comes back waits for the end of the session of the one that was killed.
    Properties config =
        new KafkaSettings(args[0], Duration.ofSeconds(6))
            .streams(args[1] + "-validator", Path.of(args[2]));
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 250);
    KafkaStreams streams =
        new KafkaStreams(
            new ValidatorTopology(
                    Shop.definition(args[1], "1h"),
                    new PatternBook(),
                    new SilentMetrics(),
                    (app, event, span, status, traceparent) -> new RecordHeaders(),
                    Timing.DEFAULT)
                .get(),
            config);
    streams.start();
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
  }
}
