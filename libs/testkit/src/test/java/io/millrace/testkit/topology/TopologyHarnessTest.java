// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.topic.Topic;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.junit.jupiter.api.Test;

final class TopologyHarnessTest {
  private static final Topic<String, String> IN =
      new Topic<>("in", Serdes.String(), Serdes.String(), 1, null, false, "test");
  private static final Topic<String, Long> OUT =
      new Topic<>("out", Serdes.String(), Serdes.Long(), 1, null, false, "test");

  @Test
  void input_countedRecords_appearInOutputAndStore() {
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(IN.name(), Consumed.with(IN.keySerde(), IN.valueSerde()).withName("read"))
        .groupByKey(Grouped.with("grouped", IN.keySerde(), IN.valueSerde()))
        .count(Named.as("count"), Materialized.as("counts"))
        .toStream(Named.as("changes"))
        .to(OUT.name(), Produced.with(OUT.keySerde(), OUT.valueSerde()).withName("write"));
    try (TopologyHarness harness = TopologyHarness.of(builder.build(), "harness", Instant.EPOCH)) {
      harness.input(IN).pipeInput("a", "1");
      harness.input(IN).pipeInput("a", "2");
      assertThat(harness.output(OUT).readValuesToList()).containsExactly(1L, 2L);
      assertThat(harness.<String, Long>store("counts").get("a")).isEqualTo(2L);
      assertThatThrownBy(() -> harness.store("none"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("none");
    }
  }
}
