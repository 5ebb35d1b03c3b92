// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DrainWatchTest {
  private static final String JOIN = "app-labels-join-repartition";

  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private long nanos;
  private final DrainWatch watch = new DrainWatch(Set.of("views", "buys"), () -> nanos);

  @BeforeEach
  void upstreamOneOfTwoTopics() {
    for (int partition = 0; partition < 4; partition++) {
      at("views", partition, 0, 0);
      at("buys", partition, 0, 0);
    }
    at("views", 1, 10, 10);
    at("buys", 1, 4, 4);
    at(JOIN, 2, 15, 15);
  }

  private void at(String topic, int partition, long committedTo, long end) {
    committed.put(new TopicPartition(topic, partition), new OffsetAndMetadata(committedTo));
    ends.put(new TopicPartition(topic, partition), end);
  }

  private boolean look() {
    watch.look(committed, ends);
    return watch.isDrained(1, 2);
  }

  @Test
  void isDrained_readToItsEndAndJoined_atTheSecondLook() {
    assertThat(look()).isFalse();
    assertThat(look()).isTrue();
    assertThat(watch.isDrained(1, 0)).as("the join's partition was never read").isFalse();
  }

  @Test
  void isDrained_oneSourceUnread_isNot() {
    at("buys", 1, 3, 4);
    assertThat(look()).isFalse();
    assertThat(look()).isFalse();
  }

  @Test
  void isDrained_sentButNotJoined_onlyOnceTheJoinHasReadIt() {
    at(JOIN, 2, 9, 15);
    assertThat(look()).isFalse();
    assertThat(look()).isFalse();

    // Others go on sending: only what stood there at the second look counts.
    at(JOIN, 2, 14, 40);
    assertThat(look()).isTrue();
  }

  @Test
  void isDrained_newEventsReadBetweenLooks_beginsAnew() {
    look();
    assertThat(look()).isTrue();
    at("views", 1, 11, 11);
    at(JOIN, 2, 15, 17);

    assertThat(look()).isFalse();
    assertThat(look()).as("not joined").isFalse();
    at(JOIN, 2, 17, 17);
    assertThat(look()).isTrue();
  }

  @Test
  void isDrained_neverCommitted_onlyWhereTheSourceIsEmpty() {
    committed.remove(new TopicPartition("views", 1));
    assertThat(look()).isFalse();
    assertThat(look()).isFalse();

    ends.put(new TopicPartition("views", 1), 0L);
    look();
    assertThat(look()).isTrue();
  }

  @Test
  void isDrained_noLookForLong_isNotKnown() {
    look();
    look();
    nanos += Duration.ofSeconds(10).toNanos();

    assertThat(watch.isDrained(1, 2)).isFalse();
  }
}
