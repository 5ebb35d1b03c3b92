// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.data.SpanSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What people said of the deciding event's fields goes for the inputs that they are. */
public final class SkewThresholds {
  private final SpanArchive archive;

  public SkewThresholds(SpanArchive archive) {
    this.archive = archive;
  }

  /**
   * Input → thresholds.
   *
   * @throws SpanArchive.ArchiveUnavailableException while the schemas are not readable here
   */
  public Map<String, ColumnRules.Thresholds> of(ApplicationDefinition definition) {
    Map<String, ColumnRules.Thresholds> found = new HashMap<>();
    LabelDefinition label = definition.label();
    if (label == null) {
      return found;
    }
    List<SpanSchema> schemas = archive.schemas(definition.name(), label.decidedAt());
    if (!schemas.isEmpty()) {
      schemas
          .getLast()
          .columns()
          .forEach(
              (name, column) -> {
                ColumnRules.Thresholds skew = column.rules().skew();
                if (skew != null) {
                  found.put(FeatureScopes.EVENT_PREFIX + name, skew);
                }
              });
    }
    return found;
  }
}
