// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes in which stores hold the marks of a column: they must be read by later versions. */
final class ColumnMarksTest {
  /** As they were first written with times and patterns. */
  private static final String STORED =
      """
      09000100000001000000000000000201030000000000000000000003e80000000100000000000003e9000000
      0100000000000003ef02030000000200000000000003ea0000000000000000000003eb000000010000000000
      0003ec03010000000200000000000003ed07010000000100000000000003e908010000000100000000000003
      ef09010000000100000000000003e90a010000000100000000000003ec0b010000000200000000000003ea00
      00000500036e2f610000000200000000000003ea0001610000000000000000000003ee000162000000000000
      0000000003ee0003efbfbd0000000100000000000003ec000a323032362d30332d3031000000000000000000
      0003eb00000002000000010000000000000001000000020000000000000001c004000000000000401c000000
      000000000000020000000000000001010000000100000000000003e9010000000000000000000003e8010000
      000000000000000003ee00000001010000000100000000000003ef02000000000000000001000a323032362d
      30332d3031010000000000000000000003eb060000000000000007000137030000000000000000000003e800
      00000100000000000003e90000000200000000000003ea0100065b612d7a5d2b000000000000000500000000
      0000000300036e2f61030000000200000000000003ea0000000000000000000003eb00000001000000000000
      03ec
      """
          .replace("\n", "");

  private static ColumnMarks marks() {
    ColumnMarks marks = new ColumnMarks();
    List<Object> values =
        List.of(7L, -2.5, "n/a", "2026-03-01", "\uFFFD", true, List.of("a", "b"), List.of(0L));
    for (int i = 0; i < values.size(); i++) {
      marks.see(values.get(i), new RowPlace(i % 3, 1_000L + i));
      marks.match(new TextPattern("[a-z]+"), values.get(i), new RowPlace(i % 3, 1_000L + i));
    }
    marks.see(null, new RowPlace(1, 2));
    return marks;
  }

  private static byte[] bytes(ColumnMarks marks) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    marks.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static ColumnMarks read(byte[] bytes) throws IOException {
    return ColumnMarks.read(new DataInputStream(new ByteArrayInputStream(bytes)), true);
  }

  @Test
  void write_marksOfEveryKind_areTheBytesThatStoresHold() throws IOException {
    assertThat(HexFormat.of().formatHex(bytes(marks()))).isEqualTo(STORED);
    byte[] stored = HexFormat.of().parseHex(STORED);
    assertThat(bytes(read(stored))).isEqualTo(stored);
  }

  @Test
  void read_moreThanIsEverWritten_isRefused() throws IOException {
    byte[] stored = bytes(new ColumnMarks());
    stored[4] = 127;
    stored[3] = 127;
    assertThatThrownBy(() -> read(stored)).isInstanceOf(IllegalArgumentException.class);
  }
}
