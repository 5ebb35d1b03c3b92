// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the validator found in one span of one kind of event, on {@code <app>.verdicts.data}. Key:
 * {@code <event>/<span>}. A later verdict of the same key replaces an earlier one.
 *
 * @param span identifier: the start instant of an event-time span, {@code rows-<n>}, or {@value
 *     #SILENCE} for a source that sends nothing any more, or sends again
 * @param startMs event time, inclusive
 * @param endMs event time, exclusive; the end of the last one where several neighbours have no row,
 *     and equal to the start, which is how far events have come, for a silence
 * @param rows rows in the span; 0 where nothing came
 * @param schemaVersion version of the inferred and curated schema that was applied
 * @param statistics column → figure → value
 */
public record DataVerdict(
    String app,
    String event,
    String span,
    long startMs,
    long endMs,
    long rows,
    Status status,
    int schemaVersion,
    List<Anomaly> anomalies,
    Map<String, Map<String, Double>> statistics,
    long decidedAtMs)
    implements SpanVerdict {
  /** What stands for the identifier of a span where a source has fallen silent, or sends again. */
  public static final String SILENCE = "silence";

  /** Kinds of findings that say no more than that rows are missing. */
  public static final Set<String> MISSING_ROWS =
      Set.of(
          "NO_DATA_IN_SPAN",
          "DATASET_LOW_NUM_EXAMPLES",
          "COMPARATOR_LOW_NUM_EXAMPLES",
          "INCOMPLETE_SPAN",
          "STALE_SPAN");

  public DataVerdict {
    anomalies = List.copyOf(anomalies);
    statistics = Map.copyOf(statistics);
  }

  /** The findings that make the span bad. */
  public List<Anomaly> errors() {
    return anomalies.stream().filter(each -> each.severity().equals("ERROR")).toList();
  }

  /** The same without findings and statistics, which are large, for those who keep many. */
  public DataVerdict bare() {
    return new DataVerdict(
        app,
        event,
        span,
        startMs,
        endMs,
        rows,
        status,
        schemaVersion,
        List.of(),
        Map.of(),
        decidedAtMs);
  }

  /** Whether the span may be trained on. */
  public enum Status {
    GOOD,
    BAD
  }

  /**
   * One finding.
   *
   * @param column field, absent for findings about the span
   * @param kind TFDV's name where it has one, for example {@code
   *     FEATURE_TYPE_LOW_FRACTION_PRESENT}, else {@code UNIT_CHANGE}, {@code VOLUME}, {@code RULE}
   * @param severity {@code ERROR} makes the span bad, {@code WARNING} does not
   * @param share share of the rows or values that it concerns; absent where none is known
   * @param examples some of the rows, as {@code partition/offset} of {@code <app>.events.<event>}
   * @param fix what to do about the data, or about the schema where the data is right
   * @param overridden what it would be, had nobody answered for it; absent where nobody has
   */
  public record Anomaly(
      @Nullable String column,
      String kind,
      String severity,
      String observed,
      String expected,
      String message,
      @Nullable Double share,
      @Nullable List<String> examples,
      @Nullable String fix,
      @Nullable Overridden overridden) {
    public Anomaly {
      examples = examples == null ? List.of() : List.copyOf(examples);
    }

    /** Some of the rows; none where they are not known. */
    @Override
    public List<String> examples() {
      return examples == null ? List.of() : examples;
    }

    /** A finding that nobody has answered for. */
    public Anomaly(
        @Nullable String column,
        String kind,
        String severity,
        String observed,
        String expected,
        String message,
        @Nullable Double share,
        @Nullable List<String> examples,
        @Nullable String fix) {
      this(column, kind, severity, observed, expected, message, share, examples, fix, null);
    }

    /** A finding of which no rows are known. */
    public Anomaly(
        @Nullable String column,
        String kind,
        String severity,
        String observed,
        String expected,
        String message) {
      this(column, kind, severity, observed, expected, message, null, List.of(), null);
    }
  }

  /**
   * A finding as it was before a person's answer changed what it counts.
   *
   * @param severity without the answer
   * @param message without the answer
   * @param by who answers for the change
   * @param reason why
   */
  public record Overridden(String severity, String message, String by, String reason) {}
}
