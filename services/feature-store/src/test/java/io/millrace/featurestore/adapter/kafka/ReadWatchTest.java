// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.topology.ReadProgress;
import io.millrace.featurestore.view.Generation;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ReadWatchTest {
  private static final String SOURCE = "shop.events.impression";
  private static final String ITEMS = "app-impression-item-repartition";

  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private long now;

  private ReadWatch watch(Guarantee guarantee) {
    return new ReadWatch(
        "app",
        Generation.of(Definitions.shop("shop")).groups(),
        Map.of("impression", SOURCE, "click", "shop.events.click"),
        guarantee,
        () -> Instant.ofEpochMilli(now));
  }

  private final ReadWatch watch = watch(Guarantee.EXACTLY_ONCE_V2);

  private void at(String topic, int partition, long committedTo, long end) {
    committed.put(new TopicPartition(topic, partition), new OffsetAndMetadata(committedTo));
    ends.put(new TopicPartition(topic, partition), end);
  }

  private void look(ReadWatch at) {
    now += 500;
    at.look(committed, ends);
  }

  private void look() {
    look(watch);
  }

  private long users(int part) {
    return watch.readUntilMs("impression-user", part);
  }

  private long items(int part) {
    return watch.readUntilMs("impression-item", part);
  }

  @Test
  void readUntil_readToItsEnd_isTheEndOfTheLookBefore() {
    at(SOURCE, 0, 10, 10);
    at(SOURCE, 1, 9, 10);
    look();
    assertThat(users(0)).as("nobody knows when those records came").isEqualTo(ReadProgress.UNKNOWN);
    look();
    assertThat(users(0)).isEqualTo(500);
    look();
    assertThat(users(0)).isEqualTo(1_000);
    assertThat(users(1)).as("one record is unread").isEqualTo(ReadProgress.UNKNOWN);
  }

  @Test
  void readUntil_busyPartition_followsBehind() {
    for (int i = 0; i < 10; i++) {
      at(SOURCE, 0, Math.max(0, 100 * i - 150), 100 * i);
      look();
    }
    // Ends of the looks: 0, 100, …; committed is 750, so all of the look that found 700.
    assertThat(users(0)).isEqualTo(500 * 7);
  }

  @Test
  void readUntil_longBehind_isWhatItReachesInTheEnd() {
    at(SOURCE, 0, 0, 1_000);
    for (int i = 0; i < 500; i++) {
      look();
    }
    assertThat(users(0)).isEqualTo(ReadProgress.UNKNOWN);
    at(SOURCE, 0, 1_000, 1_000);
    look();
    look();
    assertThat(users(0)).isEqualTo(now - 500);
  }

  @Test
  void readUntil_repartitioned_needsAllSourcesAndThenTheTopicAtTheNextLook() {
    at(SOURCE, 0, 10, 10);
    at(SOURCE, 1, 4, 5);
    at(ITEMS, 3, 20, 21);
    for (int i = 0; i < 5; i++) {
      look();
    }
    assertThat(items(3)).as("a source has something unread").isEqualTo(ReadProgress.UNKNOWN);

    at(SOURCE, 1, 5, 5);
    look();
    long read = users(1);
    assertThat(read).isGreaterThan(0);
    assertThat(items(3)).as("what it sent may not be seen yet").isEqualTo(ReadProgress.UNKNOWN);
    at(ITEMS, 3, 20, 25);
    look();
    assertThat(items(3)).isEqualTo(ReadProgress.UNKNOWN);
    at(ITEMS, 3, 24, 25);
    look();
    assertThat(items(3)).isGreaterThanOrEqualTo(read).isLessThanOrEqualTo(users(1));
  }

  @Test
  void readUntil_repartitionedAtLeastOnce_hasNoMarkerAtItsEnd() {
    ReadWatch once = watch(Guarantee.AT_LEAST_ONCE);
    at(SOURCE, 0, 10, 10);
    at(ITEMS, 3, 20, 21);
    for (int i = 0; i < 5; i++) {
      look(once);
    }
    assertThat(once.readUntilMs("impression-item", 3)).isEqualTo(ReadProgress.UNKNOWN);
    at(ITEMS, 3, 21, 21);
    look(once);
    assertThat(once.readUntilMs("impression-item", 3)).isPositive();
  }

  @Test
  void readUntil_unknownGroupOrPart_isUnknown() {
    look();
    look();
    assertThat(watch.readUntilMs("nothing", 0)).isEqualTo(ReadProgress.UNKNOWN);
    assertThat(users(9)).isEqualTo(ReadProgress.UNKNOWN);
  }
}
