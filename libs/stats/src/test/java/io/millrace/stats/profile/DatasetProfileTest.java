// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DatasetProfileTest {

  @Test
  void update_columnsComeAndGo_missingRowsCounted() {
    DatasetProfile data = new DatasetProfile();
    data.update(Map.of("a", 1));
    data.update(Map.of("a", 2, "b", "x"));
    data.update(Map.of("b", "y"));
    assertThat(data.rows()).isEqualTo(3);
    assertThat(data.columns().get("a").missing()).isEqualTo(1);
    assertThat(data.columns().get("b").missing()).isEqualTo(1);
    assertThat(data.columns().values()).allMatch(column -> column.rows() == 3);
  }

  @Test
  void merge_differentColumns_missingOnTheOtherSide() {
    DatasetProfile one = new DatasetProfile();
    one.update(Map.of("a", 1));
    DatasetProfile two = new DatasetProfile();
    two.update(Map.of("b", 1));
    two.update(Map.of("b", 1));
    one.merge(two);
    assertThat(one.rows()).isEqualTo(3);
    assertThat(one.columns().get("a").missing()).isEqualTo(2);
    assertThat(one.columns().get("b").missing()).isEqualTo(1);
  }

  /** Hourly profiles add up to the daily one: counts exactly, moments to 1e-9. */
  @Test
  void merge_24Hours_equalsTheDay() {
    DatasetProfile day = new DatasetProfile();
    DatasetProfile sum = new DatasetProfile();
    for (int hour = 0; hour < 24; hour++) {
      DatasetProfile part = new DatasetProfile();
      for (int i = 0; i < 500; i++) {
        Map<String, Object> row = new HashMap<>();
        row.put("x", Math.sin(i * 37.0 + hour) * 50 + hour);
        row.put("k", "key" + (i * hour) % 91);
        day.update(row);
        part.update(row);
      }
      sum.merge(part);
    }
    ProfileSummary a = sum.summaries().get("x");
    ProfileSummary b = day.summaries().get("x");
    assertThat(a).isNotNull();
    assertThat(b).isNotNull();
    assertThat(a.rows()).isEqualTo(b.rows()).isEqualTo(12_000);
    assertThat(a.mean()).isCloseTo(b.mean(), within(1e-9));
    assertThat(a.kurtosis()).isCloseTo(b.kurtosis(), within(1e-9));
    assertThat(sum.columns().get("k").heavyHitters(100))
        .isEqualTo(day.columns().get("k").heavyHitters(100));
  }

  @Test
  void update_tooManyColumns_dropsAndCounts() {
    DatasetProfile data = new DatasetProfile(100);
    Map<String, Object> row = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      row.put("c" + i, i);
    }
    data.update(row);
    data.update(row);
    assertThat(data.columns()).hasSize(100);
    assertThat(data.droppedValues()).isEqualTo(2 * 9_900);
    assertThatThrownBy(() -> data.column("new")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void bytes_roundTrip_sameSummaries() {
    DatasetProfile data = new DatasetProfile();
    for (int i = 0; i < 1000; i++) {
      data.update(Map.of("a", i * 0.5, "b", "t" + i % 7, "c", i % 2 == 0));
    }
    data.update(Map.of());
    DatasetProfile restored = DatasetProfile.fromBytes(data.toBytes());
    assertThat(restored.summaries()).isEqualTo(data.summaries());
    assertThat(DatasetProfile.fromMap(data.toMap()).rows()).isEqualTo(1001);
    restored.merge(data);
    assertThat(restored.rows()).isEqualTo(2002);
  }

  @Test
  void column_fedDirectly_sameAsRows() {
    DatasetProfile rows = new DatasetProfile();
    DatasetProfile direct = new DatasetProfile();
    ColumnProfile a = direct.column("a");
    for (int i = 0; i < 50; i++) {
      if (i % 5 == 0) {
        rows.update(Map.of());
      } else {
        rows.update(Map.of("a", (double) i));
        a.update((double) i);
      }
      direct.countRow();
    }
    assertThat(direct.summaries().get("a")).isEqualTo(rows.summaries().get("a"));
  }
}
