// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryRunTest {
  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void read_rowsOfAnyTime_givesThemBack() {
    Random random = new Random(5);
    HistoryRun run = new HistoryRun(17);
    List<HistoryRow> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      long time = i % 50 == 0 ? random.nextLong() : 1_790_000_000_000L + random.nextInt(100_000);
      HistoryRow row =
          new HistoryRow(
              17 + i, "id-é-" + i, time, time + random.nextInt(50), utf8("{\"x\":" + i + "}"));
      run.add(row.id(), row.eventTimeMs(), row.knownAtMs(), row.data());
      rows.add(row);
    }

    List<HistoryRow> read = new ArrayList<>();
    assertThat(HistoryRun.read(17, ByteBuffer.wrap(run.toBytes()), read::add)).isTrue();

    assertThat(run.size()).isEqualTo(200);
    assertThat(read).usingRecursiveComparison().isEqualTo(rows);
  }

  @Test
  void read_readerHasEnough_stops() {
    HistoryRun run = new HistoryRun(1);
    run.add("a", 1, 1, utf8("{}"));
    run.add("b", 2, 2, utf8("{}"));

    List<String> ids = new ArrayList<>();
    boolean all =
        HistoryRun.read(
            1,
            ByteBuffer.wrap(run.toBytes()),
            row -> {
              ids.add(row.id());
              return false;
            });

    assertThat(all).isFalse();
    assertThat(ids).containsExactly("a");
  }

  @Test
  void isFull_manyRowsOrManyBytes_isBounded() {
    HistoryRun many = new HistoryRun(1);
    while (!many.isFull()) {
      many.add("a", 1, 1, utf8("{}"));
    }
    HistoryRun large = new HistoryRun(1);
    large.add("a", 1, 1, new byte[100_000]);

    assertThat(many.size()).isEqualTo(HistoryRun.ROWS_MAX);
    assertThat(large.isFull()).isTrue();
  }

  @Test
  void read_otherEncoding_isRefused() {
    assertThatThrownBy(() -> HistoryRun.read(1, ByteBuffer.wrap(new byte[] {9}), row -> true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("encoding 9");
  }
}
