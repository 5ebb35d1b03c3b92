// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.features.view.FeatureStatus;
import io.millrace.featurestore.online.OnlineBlock;
import io.millrace.featurestore.view.FeatureSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A row of an answer as objects, for tests. */
public record OnlineRow(
    List<@Nullable Object> values,
    List<FeatureStatus> status,
    Map<String, Long> states,
    List<@Nullable Long> ageMs) {

  public static OnlineRow of(OnlineBlock block, int row) {
    FeatureSet set = block.features();
    OnlineRow made =
        new OnlineRow(new ArrayList<>(), new ArrayList<>(), block.states(row), new ArrayList<>());
    for (int column = 0; column < set.names().size(); column++) {
      made.status.add(FeatureStatus.values()[block.status(row, column)]);
      made.values.add(block.value(row, column));
      int group = set.group(column);
      made.ageMs.add(block.version(row, group) > 0 ? block.ageMs(row, group) : null);
    }
    return made;
  }
}
