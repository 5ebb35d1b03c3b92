// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import org.jspecify.annotations.Nullable;

/**
 * What to do about a finding: about the data first, and the edit of the schema for the case that
 * the data is right and the expectation is not.
 */
final class Remedies {
  private Remedies() {}

  /** For people; the edit is the one that the decisions about schemas take. */
  static String of(AnomalyKind kind, @Nullable String column) {
    String name = column == null ? "" : column.replace("\"", "\\\"");
    return switch (kind) {
      case SCHEMA_MISSING_COLUMN, FEATURE_TYPE_NOT_PRESENT ->
          "ask the producer where the field went; if it is gone for good: "
              + edit(name, "\"drop\": true");
      case SCHEMA_NEW_COLUMN ->
          "nothing if it was announced; while it is tried: "
              + edit(name, "\"rules\": {\"stage\": \"ALPHA\"}");
      case FEATURE_TYPE_LOW_FRACTION_PRESENT, FEATURE_TYPE_LOW_NUMBER_PRESENT ->
          "find what stopped filling it; if it is optional now: "
              + edit(name, "\"maxMissingShare\": 1");
      case FEATURE_TYPE_HIGH_NUMBER_VALUES, FEATURE_TYPE_LOW_NUMBER_VALUES, INVALID_FEATURE_SHAPE ->
          "mend the length of the list at its source; if it may vary: "
              + edit(name, "\"rules\": {\"minValues\": …, \"maxValues\": …}");
      case FEATURE_TYPE_HIGH_UNIQUE, FEATURE_TYPE_LOW_UNIQUE, FEATURE_TYPE_NO_UNIQUE ->
          "look for a constant, a repeated or a split key; if so many are right: "
              + edit(name, "\"rules\": {\"minUnique\": …, \"maxUnique\": …}");
      case ENUM_TYPE_UNEXPECTED_STRING_VALUES ->
          "correct the spelling or form at the source; if the values are new: "
              + edit(name, "\"domain\": […]")
              + ", or what was said of their form";
      case SEMANTIC_DOMAIN_UPDATE ->
          "ask the producer what the values mean now; if the new format is meant: "
              + edit(name, "\"rules\": {\"timeFormat\": \"…\"}");
      case ENUM_TYPE_INVALID_UTF8 -> "send UTF-8: the bytes of these strings were lost";
      case INT_TYPE_BIG_INT, FLOAT_TYPE_BIG_FLOAT, INT_TYPE_SMALL_INT, FLOAT_TYPE_SMALL_FLOAT ->
          "check unit and sensor; if the range has grown: " + edit(name, "\"low\": …, \"high\": …");
      case INT_TYPE_NOT_INT_STRING,
          FLOAT_TYPE_STRING_NOT_FLOAT,
          BOOL_TYPE_UNEXPECTED_STRING,
          BOOL_TYPE_UNEXPECTED_FLOAT,
          BOOL_TYPE_BIG_INT,
          BOOL_TYPE_SMALL_INT,
          UNEXPECTED_DATA_TYPE ->
          "send the declared type; if it changed on purpose: " + edit(name, "\"type\": \"…\"");
      case FLOAT_TYPE_HAS_NAN, FLOAT_TYPE_HAS_INF ->
          "leave the field out where there is no number; if they are meant: "
              + edit(name, "\"rules\": {\"disallowNan\": false, \"disallowInf\": false}");
      case UNIT_CHANGE ->
          "ask the producer; if the unit changed on purpose, decide on the range and retrain";
      case SENTINEL_RISE -> "ask what the value stands for; send nothing where nothing is known";
      case TWO_PEAKS -> "ask which instruments or units are in it; send them apart or in one unit";
      case OUTLIERS_GONE -> "look for a clipped or saturated sensor, or a filter on the way";
      case COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH,
          COMPARATOR_L_INFTY_HIGH,
          COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH ->
          "rule out the source first, then see whether the model suffers; a threshold: "
              + edit(name, "\"rules\": {\"drift\": {…}}");
      case COMPARATOR_CONTROL_DATA_MISSING -> "nothing to compare with: wait for good spans";
      case DATASET_LOW_NUM_EXAMPLES,
          DATASET_HIGH_NUM_EXAMPLES,
          COMPARATOR_LOW_NUM_EXAMPLES,
          COMPARATOR_HIGH_NUM_EXAMPLES ->
          "look for an outage, a filter or a replay at the source; limits: validation.events";
      case NO_DATA_IN_SPAN ->
          "look for an outage at the source: late rows take the place of this; a time that stays "
              + "empty is usual from its third time on";
      case SOURCE_SILENT ->
          "see whether the source lives and reaches ingest; how long it may be quiet: "
              + "validation.events, freshness";
      case INCOMPLETE_SPAN, STALE_SPAN -> "send what is missing: late rows open the span again";
      case ROWS_DELAYED ->
          "look for a backlog between the source and ingest; labels and features are late by it,"
              + " too";
      case STATS_NOT_AVAILABLE -> "send fewer columns: only so many are profiled";
      case RULE -> "mend the rows at their source; the rule: validation.rules";
      case MULTIPLE_REASONS -> "mend the findings that are named first";
    };
  }

  private static String edit(String column, String change) {
    return "{\"column\": \"" + column + "\", " + change + "}";
  }
}
