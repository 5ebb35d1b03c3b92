// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.stats.profile.ColumnProfile;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.stats.profile.ProfileSummary;
import org.jspecify.annotations.Nullable;

/** Profiles every column: every statistic that {@link ProfileSummary} shows. */
final class ProfilePass implements RowPass {
  private final DatasetProfile profile = new DatasetProfile();
  private final ColumnProfile[] columns;
  private final boolean[] numeric;

  ProfilePass(RetailTable table) {
    columns = table.names().stream().map(profile::column).toArray(ColumnProfile[]::new);
    numeric = table.numeric();
  }

  @Override
  public void accept(@Nullable Object[] row) {
    for (int i = 0; i < columns.length; i++) {
      update(columns[i], numeric[i], row[i]);
    }
    profile.countRow();
  }

  @Override
  public void merge(RowPass other) {
    profile.merge(((ProfilePass) other).profile);
  }

  @Override
  public double digest() {
    return profile.summaries().values().stream().mapToDouble(ProfileSummary::distinct).sum();
  }

  static void update(ColumnProfile column, boolean numeric, @Nullable Object value) {
    if (value == null) {
      column.updateMissing();
    } else if (numeric) {
      column.update(((Double) value).doubleValue());
    } else {
      column.update((String) value);
    }
  }
}
