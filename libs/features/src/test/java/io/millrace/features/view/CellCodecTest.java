// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Vectors of cells and bits of any width come back as they were. */
final class CellCodecTest {
  private static final double[] ODD = {
    0.0,
    -0.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.MIN_VALUE,
    Double.MAX_VALUE,
    1L << 50,
    (1L << 50) - 1,
    -1e-9,
    0.07,
    1234567.89
  };

  private record Vector(CellKind kind, long[] values, long empty) {}

  private static Vector vector(SplittableRandom random) {
    CellKind kind = CellKind.values()[random.nextInt(3)];
    int size = 1 + random.nextInt(random.nextInt(4) == 0 ? 200 : 8);
    long empty = kind == CellKind.TIME ? Long.MIN_VALUE : 0;
    long[] values = new long[size];
    int style = random.nextInt(7);
    int width = random.nextInt(64);
    long at = random.nextLong();
    for (int i = 0; i < size; i++) {
      at += random.nextInt(1_000);
      double number =
          switch (style) {
            case 0 -> random.nextInt(-500, 500);
            case 1 -> random.nextInt(-5_000, 5_000) / 100.0;
            case 2 -> ODD[random.nextInt(ODD.length)];
            default -> random.nextDouble();
          };
      values[i] =
          switch (style) {
            case 3 -> at;
            case 4 -> random.nextLong() >>> width;
            case 5 -> 7;
            case 6 -> random.nextLong();
            default -> kind == CellKind.NUMBER ? Double.doubleToRawLongBits(number) : (long) number;
          };
      if (random.nextInt(5) == 0) {
        values[i] = empty;
      }
    }
    return new Vector(kind, values, empty);
  }

  @Test
  void read_randomVectors_areThoseWritten() {
    SplittableRandom random = new SplittableRandom(3);
    for (int run = 0; run < 3_000; run++) {
      ByteWriter out = new ByteWriter();
      long newest = random.nextLong();
      List<Vector> vectors = new ArrayList<>();
      List<Integer> gaps = new ArrayList<>();
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        Vector vector = vector(random);
        vectors.add(vector);
        if (random.nextInt(4) == 0) {
          vectors.add(vector);
        }
      }
      for (Vector vector : vectors) {
        int size = vector.values.length;
        out.cells.reserve(size);
        System.arraycopy(vector.values, 0, out.cells.values, 0, size);
        Arrays.fill(out.cells.empties, 0, size, vector.empty);
        out.cells.write(size, vector.kind, newest);
        int gap = random.nextInt(65);
        gaps.add(gap);
        out.bits(ByteReader.mask(gap), gap);
      }
      ByteReader in = new ByteReader(out.toBytes());
      int next = 0;
      for (Vector vector : vectors) {
        int size = vector.values.length;
        in.cells.reserve(size);
        Arrays.fill(in.cells.empties, 0, size, vector.empty);
        in.cells.read(size, vector.kind, newest);
        assertThat(Arrays.copyOf(in.cells.values, size)).isEqualTo(vector.values);
        int gap = gaps.get(next++);
        assertThat(in.bits(gap)).isEqualTo(ByteReader.mask(gap));
      }
    }
  }

  @Test
  void write_equalColumns_costThreeBitsEach() {
    ByteWriter out = new ByteWriter();
    for (int column = 0; column < 9; column++) {
      out.cells.reserve(60);
      for (int i = 0; i < 60; i++) {
        out.cells.values[i] = Double.doubleToRawLongBits(Math.sqrt(i + 2));
      }
      out.cells.write(60, CellKind.NUMBER, 0);
      if (column == 0) {
        assertThat(out.length()).isLessThan(60 * 8);
      }
    }
    int nine = out.length();
    assertThat(nine - 60 * 8).isLessThan(4);
  }

  @Test
  void bits_everyWidthAtEveryPosition_comeBack() {
    SplittableRandom random = new SplittableRandom(4);
    long[] values = new long[2_000];
    int[] widths = new int[values.length];
    ByteWriter out = new ByteWriter();
    for (int run = 0; run < 3; run++) {
      out.reset();
      for (int i = 0; i < values.length; i++) {
        widths[i] = random.nextInt(65);
        values[i] = random.nextLong() & ByteReader.mask(widths[i]);
        out.bits(values[i], widths[i]);
      }
      ByteReader in = new ByteReader(out.toBytes());
      for (int i = 0; i < values.length; i++) {
        assertThat(in.bits(widths[i])).isEqualTo(values[i]);
      }
      assertThat(in.atEnd()).isTrue();
      assertThatThrownBy(() -> in.bits(9)).hasMessageContaining("truncated");
    }
  }
}
