// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyOptionTest {
  private static final List<String> BASKET = List.of("store", "basket_id");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          store=7,basket_id=12     | 7:12
          basket_id=12,store=7     | 7:12
          store=a,b,basket_id=c=d  | a,b:c=d
          store=a:b,basket_id=~    | a~1b:~0
          """)
  void text_namedFields_isTheTextOfTheKey(String written, String key) {
    assertThat(KeyOption.text(BASKET, written)).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          store=7                   | basket_id is missing
          store=7,basket_id=        | basket_id is missing
          shop=7,basket_id=12       | does not name the fields
          store=7,store=8,basket_id=1 | store is there twice
          """)
  void text_otherwise_saysWhatIsWrong(String written, String message) {
    assertThatThrownBy(() -> KeyOption.text(BASKET, written))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
