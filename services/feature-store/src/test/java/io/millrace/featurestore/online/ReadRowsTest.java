// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.view.FeatureSet;
import io.millrace.featurestore.view.Generation;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadRowsTest {
  private static final byte[] RECORD = {1, 2, 3};

  private final FeatureSet features =
      FeatureSet.of(
          Generation.of(Definitions.shop("shop")), null, List.of("item_impressions.n_1h"));

  private static ReadRows.Row row() {
    return new ReadRows.Row(RECORD.clone(), null, 100, 200, 1, 50, new double[] {1}, null);
  }

  /** A value whose currency the test decides. */
  private static final class Value implements StoredValue {
    private boolean current = true;

    @Override
    public byte[] bytes() {
      return RECORD;
    }

    @Override
    public boolean isCurrent() {
      return current;
    }
  }

  @Test
  void isOf_sameBytesWithinTheTime_isTrue() {
    ReadRows.Row row = row();

    assertThat(row.isOf(RECORD, 100)).isTrue();
    assertThat(row.isOf(RECORD, 199)).isTrue();
    assertThat(row.isOf(RECORD, 99)).isFalse();
    assertThat(row.isOf(RECORD, 200)).isFalse();
    assertThat(row.isOf(new byte[] {1, 2, 4}, 100)).isFalse();
  }

  @Test
  void isCurrent_whileTheValueIsWithinTheTime_isTrue() {
    Value value = new Value();
    ReadRows.Row row = row().at(value);

    assertThat(row.isCurrent(100)).isTrue();
    assertThat(row.isCurrent(199)).isTrue();
    assertThat(row.isCurrent(99)).isFalse();
    assertThat(row.isCurrent(200)).isFalse();
    assertThat(row().isCurrent(100)).as("nothing is known of the store").isFalse();
    value.current = false;
    assertThat(row.isCurrent(100)).isFalse();
  }

  @Test
  void find_otherKeyOrGroup_isNothing() {
    ReadRows rows = new ReadRows(1 << 20);
    ReadRows.Row kept = row();
    rows.of(features, 0).keep("a", kept);

    assertThat(rows.of(features, 0).find("a")).isSameAs(kept);
    assertThat(rows.of(features, 0).find("b")).isNull();
    assertThat(rows.of(features, 1).find("a")).isNull();
  }

  @Test
  void keep_moreThanFits_staysWithinTheBoundAndHoldsWhatIsRead() {
    ReadRows rows = new ReadRows(20_000);
    for (int i = 0; i < 1000; i++) {
      rows.of(features, 0).keep("key-" + i, row());
      rows.of(features, 0).keep("often", row());
    }

    assertThat(rows.size()).isBetween(10, 20_000 / 200);
    assertThat(rows.of(features, 0).find("often")).isNotNull();
    assertThat(rows.of(features, 0).find("key-999")).isNotNull();
    assertThat(rows.of(features, 0).find("key-0")).isNull();
  }

  @Test
  void keep_withoutRoom_keepsNothing() {
    ReadRows rows = new ReadRows(0);
    rows.of(features, 0).keep("a", row());

    assertThat(rows.isKeeping()).isFalse();
    assertThat(rows.size()).isZero();
  }
}
