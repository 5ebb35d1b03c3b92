// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.lz4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.history.HistoryRun;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class Lz4PackingTest {
  private final Lz4Packing packing = new Lz4Packing();

  private static byte[] run(int events) {
    HistoryRun run = new HistoryRun(1);
    for (int i = 0; i < events; i++) {
      run.add("t-" + i, 1_000L + i, 2_000L + i, json(i));
    }
    return run.toBytes();
  }

  private static byte[] json(int i) {
    return ("{\"id\":\"t-" + i + "\",\"device\":\"device-7\",\"reading\":" + Math.sqrt(i) + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void pack_runOfLikeEvents_isReadAsItWasFromFewerBytes() {
    byte[] run = run(20);
    ByteBuffer packed = packing.pack(run, run.length);
    assertThat(packed.remaining()).isLessThan(run.length / 2);
    assertThat(packing.unpackedLength(packed)).isEqualTo(run.length);

    List<HistoryRow> rows = new ArrayList<>();
    HistoryRun.read(1, packing.unpack(packed), rows::add);
    assertThat(rows).hasSize(20);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i).id()).isEqualTo("t-" + i);
      assertThat(rows.get(i).data()).isEqualTo(json(i));
    }
  }

  @Test
  void pack_whatDoesNotGetShorter_staysAsItIs() {
    byte[] noise = new byte[300];
    new Random(1).nextBytes(noise);
    noise[0] = 1;
    assertThat(packing.pack(noise, noise.length)).isEqualTo(ByteBuffer.wrap(noise));
    assertThat(packing.unpack(ByteBuffer.wrap(noise))).isEqualTo(ByteBuffer.wrap(noise));
  }

  /** Runs of before there were packed ones. */
  @Test
  void unpack_plainRun_isTheRun() {
    byte[] run = run(3);
    assertThat(packing.unpack(ByteBuffer.wrap(run))).isEqualTo(ByteBuffer.wrap(run));
    assertThat(packing.unpack(ByteBuffer.wrap(new byte[0])).remaining()).isZero();
  }

  @Test
  void unpack_damaged_isRefused() {
    ByteBuffer packed = packing.pack(run(20), run(20).length);
    byte[] bytes = new byte[packed.remaining()];
    packed.get(bytes);
    for (int length = 1; length < bytes.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> packing.unpack(cut)).isInstanceOf(IllegalArgumentException.class);
    }
    byte[] huge = bytes.clone();
    huge[1] = 0x7f;
    assertThatThrownBy(() -> packing.unpack(ByteBuffer.wrap(huge)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bytes");
  }

  @Test
  void pack_partOfAnArray_isThatPart() {
    byte[] run = run(20);
    byte[] more = Arrays.copyOf(run, run.length + 1000);
    assertThat(packing.unpack(packing.pack(more, run.length))).isEqualTo(ByteBuffer.wrap(run));
  }

  @Test
  void pack_whatWouldBeTakenForPacked_isRefused() {
    assertThatThrownBy(() -> packing.pack(new byte[] {'L', 1}, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
