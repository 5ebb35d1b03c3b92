// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireBufferTest {
  private static final byte PRESENT = 0;
  private static final byte MISSING = 1;

  /** Around each length that a varint can have, on both sides of zero. */
  private static double[] edges() {
    List<Double> edges = new ArrayList<>();
    for (int bits = 0; bits <= 53; bits++) {
      for (long near = -1; near <= 1; near++) {
        long value = Math.min(1L << 53, (1L << bits) + near);
        edges.add((double) value);
        edges.add((double) -value + 0.0);
      }
    }
    return edges.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static List<Long> parsed(WireBuffer buffer) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(buffer.toBytes());
    List<Long> values = new ArrayList<>();
    while (!in.isAtEnd()) {
      values.add(in.readSInt64());
    }
    return values;
  }

  @Test
  void wholes_ofEveryLength_areReadByTheParser() throws IOException {
    double[] edges = edges();
    WireBuffer buffer = new WireBuffer(0);

    int written = buffer.wholes(edges, new byte[edges.length], PRESENT, 0, 1, edges.length);

    assertThat(written).isEqualTo(edges.length);
    List<Long> wanted = new ArrayList<>();
    for (double edge : edges) {
      wanted.add((long) edge);
    }
    assertThat(parsed(buffer)).isEqualTo(wanted);
  }

  @Test
  void wholes_everySecondWithSomeMissing_leavesOutTheMissing() throws IOException {
    double[] numbers = {1, 10, Double.NaN, 20, 3, 30};
    byte[] status = {PRESENT, PRESENT, MISSING, PRESENT, PRESENT, PRESENT};
    WireBuffer buffer = new WireBuffer(0);

    assertThat(buffer.wholes(numbers, status, PRESENT, 0, 2, 3)).isEqualTo(2);
    assertThat(parsed(buffer)).containsExactly(1L, 3L);
  }

  @Test
  void wholes_oneThatIsNotWhole_writesNothing() throws IOException {
    for (double odd : new double[] {0.5, -0.0, 0x1.0p54, Double.POSITIVE_INFINITY, Double.NaN}) {
      WireBuffer buffer = new WireBuffer(0);
      buffer.zigzag(7);

      assertThat(buffer.wholes(new double[] {1, odd}, new byte[2], PRESENT, 0, 1, 2)).isNegative();
      assertThat(parsed(buffer)).as("%s", odd).containsExactly(7L);
    }
  }
}
