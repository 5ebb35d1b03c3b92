// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OnlineRecordTest {
  private final OnlineRecord record = new OnlineRecord();

  private static byte[][] views(Random random, int count, int bytes) {
    byte[][] views = new byte[count][];
    for (int i = 0; i < count; i++) {
      views[i] = new byte[bytes < 0 ? random.nextInt(300) : bytes];
      random.nextBytes(views[i]);
    }
    return views;
  }

  @Test
  void read_whatWasEncoded_findsEveryBlockAlone() {
    Random random = new Random(1);
    long[] times = {0, -1, 1_767_225_600_000L, Long.MIN_VALUE, Long.MAX_VALUE};
    for (int i = 0; i < 500; i++) {
      int count = 1 + random.nextInt(30);
      byte[][] views = views(random, count, i % 3 == 0 ? random.nextInt(200) : -1);
      long seq = random.nextLong() >>> random.nextInt(64);
      long time = times[i % times.length];

      record.read(OnlineRecord.encode(seq, time, views), count);

      assertThat(record.seq()).isEqualTo(seq);
      assertThat(record.lastEventTimeMs()).isEqualTo(time);
      for (int view = count - 1; view >= 0; view--) {
        assertThat(record.block(view)).isEqualTo(views[view]);
      }
    }
  }

  @Test
  void encode_blocksOfSeveralLengths_isTheGoldenOne() {
    byte[] bytes = OnlineRecord.encode(1, -1, new byte[][] {{1}, {}, {3, 4}});

    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo("02" + "01" + "01" + "03" + "0100" + "010304");
  }

  @Test
  void read_corruptBytes_isRefusedOrHasItsShape() {
    byte[] good = OnlineRecord.encode(7, 1_767_225_600_000L, views(new Random(2), 5, -1));
    record.read(good, 5);
    int untilLast = good.length - record.block(4).length;
    for (int length = 0; length < untilLast; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> record.read(cut, 5)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> record.read(good, 4)).isInstanceOf(IllegalArgumentException.class);
    byte[] former = good.clone();
    former[0] = 1;
    assertThatThrownBy(() -> record.read(former, 5)).isInstanceOf(IllegalArgumentException.class);
    record.read(good, 5);
    assertThat(record.seq()).isEqualTo(7);
  }
}
