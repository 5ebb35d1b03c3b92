// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventBlockTest {
  private record Keyed(String key, HistoryRow row) {}

  private static byte[] exact(EventBlock block) {
    return Arrays.copyOf(block.bytes(), block.length());
  }

  private static Keyed event(Random random, int i) {
    long time = i % 40 == 0 ? random.nextLong() : 1_790_000_000_000L - random.nextInt(100_000);
    return new Keyed(
        i % 7 == 0 ? "" : "kéy-" + random.nextInt(20),
        new HistoryRow(
            i % 5 == 0 ? 0 : random.nextLong(1, Long.MAX_VALUE),
            "id-é-" + i,
            time,
            time + random.nextInt(50),
            "{}".repeat(random.nextInt(100)).getBytes(StandardCharsets.UTF_8)));
  }

  private static void add(EventBlock block, Keyed each) {
    HistoryRow row = each.row();
    block.add(each.key(), row.seq(), row.id(), row.eventTimeMs(), row.knownAtMs(), row.data());
  }

  @Test
  void next_eventsOfAnyKeyAndTime_areAsTheyWereAdded() {
    Random random = new Random(3);
    EventBlock block = new EventBlock();
    // A block is used again and again.
    for (int use = 0; use < 3; use++) {
      block.clear();
      List<Keyed> events = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        events.add(event(random, i));
        add(block, events.getLast());
      }

      List<Keyed> read = new ArrayList<>();
      EventBlock.Cursor cursor = new EventBlock.Cursor(exact(block));
      while (cursor.next()) {
        assertThat(cursor.seq()).isEqualTo(events.get(read.size()).row().seq());
        read.add(new Keyed(cursor.key(), cursor.row()));
      }

      assertThat(block.size()).isEqualTo(500);
      assertThat(read).usingRecursiveComparison().isEqualTo(events);
    }
  }

  @Test
  void addTo_run_isTheRunOfTheSameRows() {
    Random random = new Random(4);
    EventBlock block = new EventBlock();
    HistoryRun expected = new HistoryRun(1);
    for (int i = 0; i < 100; i++) {
      Keyed each = event(random, i);
      add(block, each);
      HistoryRow row = each.row();
      expected.add(row.id(), row.eventTimeMs(), row.knownAtMs(), row.data());
    }

    HistoryRun run = new HistoryRun(1);
    EventBlock.Cursor cursor = new EventBlock.Cursor(exact(block));
    while (cursor.next()) {
      cursor.addTo(run);
    }

    assertThat(run.toBytes()).isEqualTo(expected.toBytes());
  }

  @Test
  void keyHash_sameKey_isTheSame() {
    EventBlock block = new EventBlock();
    add(block, new Keyed("a", new HistoryRow(1, "x", 1, 1, new byte[0])));
    add(block, new Keyed("b", new HistoryRow(1, "x", 1, 1, new byte[0])));
    add(block, new Keyed("a", new HistoryRow(2, "y", 9, 9, new byte[3])));
    List<Integer> hashes = new ArrayList<>();
    EventBlock.Cursor cursor = new EventBlock.Cursor(exact(block));
    while (cursor.next()) {
      hashes.add(cursor.keyHash());
    }

    assertThat(hashes.get(2)).isEqualTo(hashes.get(0));
    assertThat(hashes.get(1)).isNotEqualTo(hashes.get(0));
  }

  @Test
  void next_cutOffAnywhere_isRefusedOrEndsBetweenEvents() {
    Random random = new Random(5);
    EventBlock block = new EventBlock();
    for (int i = 1; i < 4; i++) {
      add(block, event(random, i));
    }
    byte[] bytes = exact(block);
    int refused = 0;
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      try {
        EventBlock.Cursor cursor = new EventBlock.Cursor(cut);
        while (cursor.next()) {
          assertThat(cursor.row()).isNotNull();
        }
      } catch (IllegalArgumentException e) {
        refused++;
      }
    }
    // What is cut off between two events, or before the first, cannot be told from what ends there.
    assertThat(refused).isEqualTo(bytes.length - 3);
  }

  @Test
  void cursor_otherEncoding_isRefused() {
    assertThatThrownBy(() -> new EventBlock.Cursor(new byte[] {9}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("encoding 9");
  }

  @Test
  void read_runCutOff_isRefused() {
    HistoryRun run = new HistoryRun(1);
    run.add("a", 1, 1, new byte[10]);
    byte[] bytes = run.toBytes();
    for (int length = 2; length < bytes.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length);
      assertThatThrownBy(() -> HistoryRun.read(1, cut, row -> true))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cut off");
    }
  }
}
