// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.SchemaDecided;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The patterns that people have decided on, for the stage that sees rows and knows no schema. It
 * holds every pattern that a column had, the last {@value #MOST_OF_A_COLUMN}: which of them is in
 * force, the stage that judges knows. What was decided before an application's rows are read is
 * taken first; rows that come before a later decision is known here are not looked at, as is said
 * where they are counted. Thread-safe.
 */
public final class PatternBook {
  /** Patterns of one column that are counted side by side. */
  static final int MOST_OF_A_COLUMN = 4;

  private final Map<String, Map<String, Patterns>> byApp = new ConcurrentHashMap<>();

  /** Takes a decision; it may come again. One on a column that nobody profiles is passed over. */
  public void accept(SchemaDecided decided) {
    for (SchemaDecided.Edit edit : decided.edits()) {
      ColumnRules rules = edit.rules();
      String pattern = rules == null ? null : rules.pattern();
      if (pattern != null && !pattern.isEmpty()) {
        byApp.compute(
            decided.app(),
            (app, before) -> {
              Map<String, Patterns> next = new HashMap<>(before == null ? Map.of() : before);
              Patterns known = next.getOrDefault(decided.event(), Patterns.NONE);
              next.put(
                  decided.event(), new Patterns(with(known.byColumn(), edit.column(), pattern)));
              return Map.copyOf(next);
            });
      }
    }
  }

  private static Map<String, List<TextPattern>> with(
      Map<String, List<TextPattern>> before, String column, String pattern) {
    List<TextPattern> known = new ArrayList<>(before.getOrDefault(column, List.of()));
    TextPattern compiled;
    try {
      compiled = new TextPattern(pattern);
    } catch (IllegalArgumentException refusedWhereItWasDecided) {
      return before;
    }
    if (known.isEmpty() && before.size() >= SpanStatistics.MAX_COLUMNS) {
      return before;
    }
    known.removeIf(each -> each.source().equals(pattern));
    known.add(compiled);
    Map<String, List<TextPattern>> next = new HashMap<>(before);
    next.put(
        column,
        List.copyOf(known.subList(Math.max(0, known.size() - MOST_OF_A_COLUMN), known.size())));
    return Map.copyOf(next);
  }

  /** The patterns of one kind of event. */
  public Patterns of(String app, String event) {
    return byApp.getOrDefault(app, Map.of()).getOrDefault(event, Patterns.NONE);
  }

  /** Forgets an application. */
  public void forget(String app) {
    byApp.remove(app);
  }

  /**
   * The patterns of one kind of event. Immutable.
   *
   * @param byColumn column → patterns
   */
  public record Patterns(Map<String, List<TextPattern>> byColumn) {
    /** None. */
    public static final Patterns NONE = new Patterns(Map.of());
  }
}
