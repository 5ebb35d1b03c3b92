// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaSettingsTest {
  private static KafkaSettings with(Duration sessionTimeout) {
    return new KafkaSettings("localhost:9092", sessionTimeout);
  }

  @Test
  void session_default_isTenSecondsAndAHeartbeatEveryTwo() {
    assertThat(new KafkaSettings("localhost:9092").session())
        .isEqualTo(Map.of("session.timeout.ms", 10_000, "heartbeat.interval.ms", 2_000));
  }

  /** What streams give their consumers too, and within what Kafka advises: a third. */
  @Test
  void session_given_isThatOfConsumersAndStreams() {
    KafkaSettings settings = with(Duration.ofSeconds(30));
    Properties streams = settings.streams("app", Path.of("state"));
    Map<String, Object> ofStreams =
        new StreamsConfig(streams).getMainConsumerConfigs("app", "app-1", 0);

    assertThat(settings.consumer("group"))
        .containsEntry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 30_000)
        .containsEntry(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 6_000);
    assertThat(ofStreams)
        .containsEntry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 30_000)
        .containsEntry(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 6_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 5_999, 600_001})
  void sessionTimeout_thatNoBrokerTakes_isRefusedByItsName(long millis) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(Duration.ofMillis(millis)))
        .withMessageContaining("MILLRACE_SESSION_TIMEOUT");
  }
}
