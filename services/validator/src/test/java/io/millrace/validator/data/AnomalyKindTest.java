// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page of kinds, the kinds in the code and those of TFDV agree. */
final class AnomalyKindTest {
  /**
   * The kinds of TensorFlow Data Validation 1.21 that its documentation (docs/anomalies.md of
   * tensorflow/data-validation) says are detected.
   */
  private static final String DETECTED_BY_TFDV =
      """
      BOOL_TYPE_BIG_INT BOOL_TYPE_SMALL_INT BOOL_TYPE_UNEXPECTED_STRING BOOL_TYPE_UNEXPECTED_FLOAT
      BOOL_TYPE_INVALID_CONFIG ENUM_TYPE_INVALID_UTF8 ENUM_TYPE_UNEXPECTED_STRING_VALUES
      FEATURE_TYPE_HIGH_NUMBER_VALUES FEATURE_TYPE_LOW_FRACTION_PRESENT
      FEATURE_TYPE_LOW_NUMBER_PRESENT FEATURE_TYPE_LOW_NUMBER_VALUES FEATURE_TYPE_NOT_PRESENT
      FEATURE_TYPE_HIGH_UNIQUE FEATURE_TYPE_LOW_UNIQUE FEATURE_TYPE_NO_UNIQUE FLOAT_TYPE_BIG_FLOAT
      FLOAT_TYPE_SMALL_FLOAT FLOAT_TYPE_STRING_NOT_FLOAT FLOAT_TYPE_HAS_NAN FLOAT_TYPE_HAS_INF
      INT_TYPE_BIG_INT INT_TYPE_NOT_INT_STRING INT_TYPE_SMALL_INT LOW_SUPPORTED_IMAGE_FRACTION
      SCHEMA_MISSING_COLUMN SCHEMA_NEW_COLUMN COMPARATOR_CONTROL_DATA_MISSING
      COMPARATOR_L_INFTY_HIGH COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH
      COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH COMPARATOR_LOW_NUM_EXAMPLES
      COMPARATOR_HIGH_NUM_EXAMPLES SPARSE_FEATURE_MISSING_VALUE SPARSE_FEATURE_MISSING_INDEX
      SPARSE_FEATURE_LENGTH_MISMATCH SPARSE_FEATURE_NAME_COLLISION SEMANTIC_DOMAIN_UPDATE
      DATASET_LOW_NUM_EXAMPLES DATASET_HIGH_NUM_EXAMPLES WEIGHTED_FEATURE_NAME_COLLISION
      WEIGHTED_FEATURE_MISSING_VALUE WEIGHTED_FEATURE_MISSING_WEIGHT
      WEIGHTED_FEATURE_LENGTH_MISMATCH VALUE_NESTEDNESS_MISMATCH DOMAIN_INVALID_FOR_TYPE
      FEATURE_MISSING_NAME FEATURE_MISSING_TYPE INVALID_SCHEMA_SPECIFICATION
      INVALID_DOMAIN_SPECIFICATION UNEXPECTED_DATA_TYPE SEQUENCE_VALUE_TOO_FEW_OCCURRENCES
      SEQUENCE_VALUE_TOO_MANY_OCCURRENCES SEQUENCE_VALUE_TOO_SMALL_FRACTION
      SEQUENCE_VALUE_TOO_LARGE_FRACTION FEATURE_COVERAGE_TOO_LOW
      FEATURE_COVERAGE_TOO_SHORT_AVG_TOKEN_LENGTH MAX_IMAGE_BYTE_SIZE_EXCEEDED INVALID_FEATURE_SHAPE
      STATS_NOT_AVAILABLE DERIVED_FEATURE_BAD_LIFECYCLE DERIVED_FEATURE_INVALID_SOURCE
      """;

  private static final Pattern ROW =
      Pattern.compile("^\\| `([A-Z0-9_]+)` \\| (raised|refused|cannot) \\| (\\S.*?) \\|$");

  private static final Path PAGE =
      Path.of(System.getProperty("millrace.home", "."), "docs/knowledge/anomaly-kinds.md");

  private static final Path TESTS =
      Path.of(
          System.getProperty("millrace.home", "."),
          "services/validator/src/test/java/io/millrace/validator");

  /** Kind → what the page says becomes of it. */
  private static Map<String, String> page() throws IOException {
    Map<String, String> rows = new LinkedHashMap<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertThat(rows.put(row.group(1), row.group(2))).as("twice: %s", line).isNull();
      } else {
        assertThat(line).as("a row that says nothing").doesNotContainPattern("^\\| `");
      }
    }
    return rows;
  }

  @Test
  void page_everyKindThatTfdvDetects_isRaisedOrRefusedOrExcluded() throws IOException {
    Set<String> detected = new TreeSet<>(List.of(DETECTED_BY_TFDV.strip().split("\\s+")));
    assertThat(detected).hasSize(61);
    assertThat(page().keySet()).containsAll(detected);
  }

  @Test
  void page_whatItCallsRaised_isWhatTheCodeHas() throws IOException {
    Set<String> raised =
        page().entrySet().stream()
            .filter(each -> each.getValue().equals("raised"))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    assertThat(raised)
        .isEqualTo(Arrays.stream(AnomalyKind.values()).map(Enum::name).collect(Collectors.toSet()));
  }

  @Test
  void kinds_ofMissingRows_areKinds() {
    assertThat(Arrays.stream(AnomalyKind.values()).map(Enum::name))
        .containsAll(DataVerdict.MISSING_ROWS);
  }

  @Test
  void kinds_eachOfThem_hasARemedy() {
    for (AnomalyKind kind : AnomalyKind.values()) {
      assertThat(Remedies.of(kind, "x")).as("%s", kind).isNotBlank();
    }
  }

  /** A kind is in the tests of kinds, or in the test that is named here. */
  @Test
  void kinds_eachOfThem_hasACase() {
    Set<String> cases =
        AnomalyKindsTest.cases()
            .map(each -> each.toString().split(" ")[0])
            .collect(Collectors.toSet());
    Map<AnomalyKind, String> elsewhere =
        Map.ofEntries(
            Map.entry(AnomalyKind.SCHEMA_NEW_COLUMN, "data/AnomalyKindsTest"),
            Map.entry(AnomalyKind.COMPARATOR_CONTROL_DATA_MISSING, "data/AnomalyKindsTest"),
            Map.entry(AnomalyKind.COMPARATOR_LOW_NUM_EXAMPLES, "data/AnomalyKindsTest"),
            Map.entry(AnomalyKind.COMPARATOR_HIGH_NUM_EXAMPLES, "data/AnomalyKindsTest"),
            Map.entry(AnomalyKind.DATASET_LOW_NUM_EXAMPLES, "data/AnomalyKindsTest"),
            Map.entry(AnomalyKind.DATASET_HIGH_NUM_EXAMPLES, "data/AnomalyKindsTest"),
            Map.entry(AnomalyKind.INCOMPLETE_SPAN, "data/AnomalyKindsTest"),
            Map.entry(AnomalyKind.RULE, "data/AnomalyKindsTest"),
            Map.entry(AnomalyKind.NO_DATA_IN_SPAN, "data/EmptyCheckTest"),
            Map.entry(AnomalyKind.STALE_SPAN, "data/VolumeForecastTest"),
            Map.entry(AnomalyKind.ROWS_DELAYED, "data/DelayCheckTest"),
            Map.entry(AnomalyKind.TWO_PEAKS, "data/PeakCheckTest"),
            Map.entry(AnomalyKind.SOURCE_SILENT, "topology/SilenceTopologyTest"),
            Map.entry(AnomalyKind.STATS_NOT_AVAILABLE, "topology/BadInputTopologyTest"),
            Map.entry(AnomalyKind.MULTIPLE_REASONS, "topology/BadInputTopologyTest"));
    for (Map.Entry<AnomalyKind, String> each : elsewhere.entrySet()) {
      assertThat(TESTS.resolve(each.getValue() + ".java")).content().contains(each.getKey().name());
    }
    for (AnomalyKind kind : AnomalyKind.values()) {
      assertThat(cases.contains(kind.name()) ^ elsewhere.containsKey(kind)).as("%s", kind).isTrue();
    }
  }
}
