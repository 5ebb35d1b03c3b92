// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class HeldEventsTest {
  private final KeyValueStore<Bytes, byte[]> state = Stores.inMemoryKeyValueStore("state").get();

  private HeldEvents open() {
    return new HeldEvents(new CommitStore(state));
  }

  private static HeldEvents.Held event(String key, String raw) {
    RecordHeaders headers = new RecordHeaders();
    headers.add("ce_id", raw.getBytes(StandardCharsets.UTF_8));
    headers.add("none", null);
    return new HeldEvents.Held(key, 77, headers, raw.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private int stored() {
    int count = 0;
    try (KeyValueIterator<Bytes, byte[]> all = state.all()) {
      while (all.hasNext()) {
        all.next();
        count++;
      }
    }
    return count;
  }

  @Test
  void take_afterRestartsInBetween_givesAllByTimeThenArrival() {
    Random random = new Random(3);
    HeldEvents held = open();
    List<long[]> expected = new ArrayList<>();
    List<Long> taken = new ArrayList<>();
    for (int offset = 0; offset < 2_000; offset++) {
      long time = random.nextInt(300) - 100L;
      assertThat(held.hold(event("k" + random.nextInt(9), "e" + offset), time, offset)).isTrue();
      expected.add(new long[] {time, offset});
      if (offset % 97 == 0) {
        held = open();
      }
    }
    assertThat(held.size()).isEqualTo(2_000);
    while (held.size() > 0) {
      taken.add(held.nextMs());
      HeldEvents.Held each = held.take();
      taken.add(Long.valueOf(text(each.raw()).substring(1)));
      assertThat(text(each.headers().lastHeader("ce_id").value())).isEqualTo(text(each.raw()));
      assertThat(each.headers().lastHeader("none").value()).isNull();
      assertThat(each.timestampMs()).isEqualTo(77);
      if (held.size() % 89 == 0) {
        held.beforeCommit();
        held = open();
      }
    }
    assertThat(taken)
        .containsExactlyElementsOf(
            expected.stream()
                .sorted(Comparator.<long[]>comparingLong(e -> e[0]).thenComparingLong(e -> e[1]))
                .flatMap(e -> List.of(e[0], e[1]).stream())
                .toList());
    assertThat(held.nextMs()).isEqualTo(Long.MAX_VALUE);
    assertThat(stored()).isZero();
  }

  @Test
  void take_cutOffBeforeTheCommit_isGivenAgain() {
    HeldEvents held = open();
    held.hold(event("k", "one"), 5, 1);
    assertThat(text(held.take().raw())).isEqualTo("one");
    assertThat(held.wantsCommit()).isTrue();

    HeldEvents again = open();
    assertThat(again.nextMs()).isEqualTo(5);
    assertThat(text(again.take().raw())).isEqualTo("one");
    again.beforeCommit();
    assertThat(open().size()).isZero();
  }

  @Test
  void hold_theSameRecordAgain_isOneEvent() {
    HeldEvents held = open();
    held.hold(event("k", "one"), 5, 1);
    held.hold(event("k", "one"), 5, 1);
    assertThat(held.size()).isEqualTo(1);
    assertThat(open().size()).isEqualTo(1);
  }

  @Test
  void hold_keysThatBeginAlike_areKeptApart() {
    HeldEvents held = open();
    held.hold(event("k", "one"), 5, 1);
    held.hold(event("k\u0000", "two"), 4, 2);
    held.hold(event("", "three"), 6, 3);
    HeldEvents again = open();
    assertThat(List.of(again.take().key(), again.take().key(), again.take().key()))
        .containsExactly("k\u0000", "k", "");
  }

  @Test
  void hold_beyondTheBounds_isRefusedUntilThereIsRoom() {
    HeldEvents held = open();
    for (int offset = 0; offset < HeldEvents.EVENTS_MAX; offset++) {
      assertThat(held.hold(event("k", "e"), offset, offset)).isTrue();
    }
    assertThat(held.hold(event("k", "more"), 1, HeldEvents.EVENTS_MAX)).isFalse();
    assertThat(open().hold(event("k", "more"), 1, HeldEvents.EVENTS_MAX)).isFalse();
    held.take();
    assertThat(held.hold(event("k", "more"), 1, HeldEvents.EVENTS_MAX)).isTrue();
  }

  @Test
  void hold_moreBytesThanAllowed_isRefused() {
    HeldEvents held = open();
    assertThat(held.hold(event("k", "x".repeat(600 * 1024)), 1, 0)).isFalse();
    String large = "x".repeat(200 * 1024);
    int taken = 0;
    while (held.hold(event("k", large), 1, taken)) {
      taken++;
    }
    assertThat((long) taken * large.length()).isBetween(24L << 20, 64L << 20);
  }
}
