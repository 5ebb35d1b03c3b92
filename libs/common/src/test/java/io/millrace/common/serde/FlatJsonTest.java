// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.serde;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlatJsonTest {
  private static final Set<String> KEPT = Set.of("a", "bc", "reading");

  /** Pieces of which texts are put together, right ones and wrong ones. */
  private static final String[] PIECES = {
    "{",
    "}",
    "{",
    "}",
    ",",
    ":",
    "\"a\"",
    "\"bc\"",
    "\"reading\"",
    "\"other\"",
    "\"a\":",
    "1",
    "-1",
    "0",
    "01",
    "-0",
    "-0.0",
    "1.5",
    "1.",
    ".5",
    "1e3",
    "1.5e-7",
    "12345678901234567890",
    "\"x y\"",
    "\"\\u00e9\"",
    "\"é\"",
    "\"\\n\"",
    "\"\t\"",
    "true",
    "false",
    "null",
    "nul",
    "truex",
    " ",
    "\n",
    "\r",
    "[1]",
    "0.1",
    "99.99999999999999",
    "123456789012345678",
    "9007199254740993.0",
    ",\"a\":2",
    ",\"bc\":null",
    ",\"reading\":3.25",
    "\"",
    "-"
  };

  private final FlatJson usual = new FlatJson(KEPT);

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The kept fields by the whole parser; null where it refuses the text. */
  private static Map<String, Object> whole(String text) {
    try {
      Map<String, Object> data = new HashMap<>(EventSerde.readData(utf8(text)));
      data.keySet().retainAll(KEPT);
      return data;
    } catch (SerializationException e) {
      return null;
    }
  }

  @Test
  void read_randomTexts_isWhatTheWholeParserReads() {
    Random random = new Random(7);
    int read = 0;
    int refused = 0;
    for (int i = 0; i < 300_000; i++) {
      StringBuilder text = new StringBuilder("{");
      int fields = random.nextInt(4);
      for (int field = 0; field < fields; field++) {
        text.append(field == 0 ? "" : ",").append(PIECES[6 + random.nextInt(4)]).append(':');
        text.append(PIECES[11 + random.nextInt(30)]);
      }
      text.append('}');
      if (random.nextInt(3) == 0) {
        text.insert(random.nextInt(text.length()), PIECES[random.nextInt(PIECES.length)]);
      }
      Map<String, Object> expected = whole(text.toString());
      Map<String, Object> actual = usual.read(utf8(text.toString()));
      if (actual != null) {
        assertThat(actual).as(text.toString()).isEqualTo(expected);
        read++;
      }
      refused += expected == null ? 1 : 0;
    }
    assertThat(read).isGreaterThan(30_000);
    assertThat(refused).isGreaterThan(30_000);
  }

  @Test
  void read_randomNumbers_haveTheBitsOfTheWholeParser() {
    Random random = new Random(8);
    for (int i = 0; i < 100_000; i++) {
      double number =
          switch (i % 4) {
            case 0 -> random.nextDouble() * 100;
            case 1 -> random.nextInt(1_000_000) / 100.0;
            case 2 -> -random.nextGaussian();
            default -> random.nextLong() / 1024.0;
          };
      String text =
          "{\"a\":" + new java.math.BigDecimal(Double.toString(number)).toPlainString() + "}";

      assertThat(usual.read(utf8(text))).as(text).isEqualTo(whole(text));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"a\":\"é\"}", "{\"a\":\"\\n\"}", "{\"a\":1e3}", "{\"a\":01}", "{\"a\":[]}", ""})
  void read_unusualText_isLeftToTheWholeParser(String text) {
    assertThat(usual.read(utf8(text))).isNull();
  }

  @Test
  void read_everyFieldThere_keepsSome() {
    assertThat(usual.read(utf8("{\"a\":\"x\",\"other\":5,\"reading\":2.5,\"bc\":true}")))
        .isEqualTo(Map.of("a", "x", "reading", 2.5, "bc", true));
  }
}
