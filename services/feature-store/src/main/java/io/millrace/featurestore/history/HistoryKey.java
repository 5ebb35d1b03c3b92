// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import io.millrace.featurestore.view.FeatureGroup;

/**
 * Whose history.
 *
 * @param lineage see {@link FeatureGroup#lineage()}
 * @param key entity key
 */
public record HistoryKey(String app, String event, String entity, String lineage, String key) {
  public static HistoryKey of(String app, FeatureGroup group, String key) {
    return new HistoryKey(app, group.source(), group.entity(), group.lineage(), key);
  }
}
