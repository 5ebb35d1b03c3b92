// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One version of what is expected of one kind of event. Immutable.
 *
 * @param event kind of event
 * @param version counts from 1; 0 before anything was learned
 * @param learnedFrom span whose acceptance made this version
 * @param changes what differs from the version before, for people
 * @param columns by name
 * @param curation who decided on it; null where it was learned
 * @param defaultEnvironment environments of columns that say nothing; empty for every one
 */
public record SpanSchema(
    String event,
    int version,
    String learnedFrom,
    List<String> changes,
    Map<String, ColumnSchema> columns,
    @Nullable Curation curation,
    @Nullable List<String> defaultEnvironment) {
  public SpanSchema {
    defaultEnvironment = defaultEnvironment == null ? List.of() : List.copyOf(defaultEnvironment);
    changes = List.copyOf(changes);
    columns = Collections.unmodifiableMap(new TreeMap<>(columns));
  }

  /** A version that was learned. */
  SpanSchema(
      String event,
      int version,
      String learnedFrom,
      List<String> changes,
      Map<String, ColumnSchema> columns) {
    this(event, version, learnedFrom, changes, columns, null, List.of());
  }

  @Override
  public List<String> defaultEnvironment() {
    return defaultEnvironment == null ? List.of() : defaultEnvironment;
  }

  /** Whether what is wrong with a column is worth an anomaly in an environment. */
  public boolean expects(String column, @Nullable String environment) {
    ColumnSchema known = columns.get(column);
    return known != null
        && known.rules().alarms()
        && known.rules().in(environment, defaultEnvironment());
  }

  /** A person's word for a version. */
  public record Curation(String by, String reason, long decidedAtMs) {}

  /** The schema before anything was learned: only what the application declares. */
  static SpanSchema declared(EventFacts facts) {
    return new SpanSchema(facts.event(), 0, "", List.of("declared"), facts.declared());
  }
}
