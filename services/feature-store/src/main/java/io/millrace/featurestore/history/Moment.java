// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.history;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A prediction moment: the deciding event, and its label as far as it is known.
 *
 * @param id of the deciding event; the prediction id
 * @param partition of the label's topology that joins it
 * @param momentMs event time
 * @param knownAtMs when the deciding event became known
 * @param entities entity → key
 * @param data the deciding event's fields
 */
public record Moment(
    String id,
    int partition,
    long momentMs,
    long knownAtMs,
    Map<String, String> entities,
    Map<String, Object> data,
    @Nullable MomentLabel label) {
  public Moment {
    entities = Collections.unmodifiableMap(new TreeMap<>(entities));
  }

  /**
   * The latest revision of a label.
   *
   * @param provenance name of the contract's enum constant
   */
  public record MomentLabel(double value, String provenance, int revision, long knownAtMs) {}
}
