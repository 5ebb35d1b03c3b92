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
    return new ReadRows.Row(RECORD.clone(), 100, 200, 1, 50, new double[] {1}, null);
  }

  @Test
  void find_sameBytesWithinTheTime_isTheRow() {
    ReadRows rows = new ReadRows(1 << 20);
    ReadRows.Row kept = row();
    rows.keep(features, 0, "a", kept);

    assertThat(rows.find(features, 0, "a", RECORD, 100)).isSameAs(kept);
    assertThat(rows.find(features, 0, "a", RECORD, 199)).isSameAs(kept);
  }

  @Test
  void find_otherBytesKeyGroupOrMoment_isNothing() {
    ReadRows rows = new ReadRows(1 << 20);
    rows.keep(features, 0, "a", row());

    assertThat(rows.find(features, 0, "a", new byte[] {1, 2, 4}, 100)).isNull();
    assertThat(rows.find(features, 0, "b", RECORD, 100)).isNull();
    assertThat(rows.find(features, 1, "a", RECORD, 100)).isNull();
    assertThat(rows.find(features, 0, "a", RECORD, 99)).isNull();
    assertThat(rows.find(features, 0, "a", RECORD, 200)).isNull();
  }

  @Test
  void keep_moreThanFits_staysWithinTheBoundAndHoldsWhatIsRead() {
    ReadRows rows = new ReadRows(20_000);
    for (int i = 0; i < 1000; i++) {
      rows.keep(features, 0, "key-" + i, row());
      rows.keep(features, 0, "often", row());
    }

    assertThat(rows.size()).isBetween(10, 20_000 / 200);
    assertThat(rows.find(features, 0, "often", RECORD, 150)).isNotNull();
    assertThat(rows.find(features, 0, "key-999", RECORD, 150)).isNotNull();
    assertThat(rows.find(features, 0, "key-0", RECORD, 150)).isNull();
  }

  @Test
  void keep_withoutRoom_keepsNothing() {
    ReadRows rows = new ReadRows(0);
    rows.keep(features, 0, "a", row());

    assertThat(rows.size()).isZero();
  }
}
