// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A person decided what is expected of one kind of event, on {@code <app>.schemas}. Key: event.
 * From then on good spans propose changes to the schema instead of making them.
 *
 * @param version version of the schema that is taken; 0 takes what is proposed, or the one in force
 *     where nothing is
 * @param edits what is changed on top of it
 * @param defaultEnvironment environments of columns that say nothing of their own; absent leaves it
 * @param by who decided
 * @param reason for people
 */
public record SchemaDecided(
    String app,
    String event,
    int version,
    List<Edit> edits,
    @Nullable List<String> defaultEnvironment,
    String by,
    String reason,
    long decidedAtMs) {
  public SchemaDecided {
    edits = List.copyOf(edits);
    defaultEnvironment = defaultEnvironment == null ? null : List.copyOf(defaultEnvironment);
  }

  /**
   * A change to one column; what is absent stays as it is.
   *
   * @param drop whether the column leaves the schema
   * @param type {@code INT}, {@code FLOAT}, {@code STRING}, {@code BOOL}, {@code TIME} or {@code
   *     MIXED}
   * @param maxMissingShare largest share of rows without a value, 0 to 1
   * @param domain the strings that are expected; empty for any string
   * @param low lower end of the numbers
   * @param high upper end of the numbers
   * @param rules what is said of it besides
   */
  public record Edit(
      String column,
      boolean drop,
      @Nullable String type,
      @Nullable Double maxMissingShare,
      @Nullable List<String> domain,
      @Nullable Double low,
      @Nullable Double high,
      @Nullable ColumnRules rules) {
    public Edit {
      domain = domain == null ? null : List.copyOf(domain);
    }
  }
}
