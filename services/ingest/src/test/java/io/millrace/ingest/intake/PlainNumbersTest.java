// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainNumbersTest {
  @Test
  void parse_integerThatALongHolds_isExact() {
    assertThat(PlainNumbers.parse("7")).isEqualTo(7L);
    assertThat(PlainNumbers.parse("999999999999999999")).isEqualTo(999_999_999_999_999_999L);
    assertThat(PlainNumbers.parse("1234567890123450001")).isEqualTo(1_234_567_890_123_450_001L);
    assertThat(PlainNumbers.parse("9223372036854775807")).isEqualTo(Long.MAX_VALUE);
    assertThat(PlainNumbers.parse("-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
    assertThat(PlainNumbers.parse("+9223372036854775807")).isEqualTo(Long.MAX_VALUE);
    assertThat(PlainNumbers.parseCanonical("1234567890123450001"))
        .isEqualTo(1_234_567_890_123_450_001L);
  }

  @Test
  void parse_integerBeyondALong_isADouble() {
    assertThat(PlainNumbers.parse("9223372036854775808")).isEqualTo(0x1p63);
    assertThat(PlainNumbers.parse("-9999999999999999999")).isEqualTo(-1e19);
    assertThat(PlainNumbers.parse("12345678901234567890")).isEqualTo(1.2345678901234567E+19);
  }

  @Test
  void parse_otherTexts_areDoublesOrNone() {
    assertThat(PlainNumbers.parse("12.50")).isEqualTo(12.5);
    assertThat(PlainNumbers.parse("1e3")).isEqualTo(1000.0);
    assertThat(PlainNumbers.parse("0x10")).isNull();
    assertThat(PlainNumbers.parse("-")).isNull();
    assertThat(PlainNumbers.parse("")).isNull();
    assertThat(PlainNumbers.parseCanonical("007")).isNull();
  }
}
