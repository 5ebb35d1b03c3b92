// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetWriter;
import io.millrace.validator.data.RowPlace;
import io.millrace.validator.skew.ServedVectors.Vector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SkewReviewTest {
  private static final int ROWS = 10_000;
  private static final List<String> INPUTS = List.of("user.spend", "user.visits", "event.country");

  @TempDir private static Path folder;
  private static List<Dataset> training;
  private static List<Vector> alike;

  @BeforeAll
  static void rows() {
    Path file = folder.resolve("part-0.parquet");
    alike = new ArrayList<>();
    Random random = new Random(7);
    try (DatasetWriter writer =
        new DatasetWriter(
            file,
            List.of(
                new Column("prediction_id", ColumnType.TEXT),
                new Column("label", ColumnType.NUMBER),
                new Column("user.spend", ColumnType.NUMBER),
                new Column("user.visits", ColumnType.INTEGER),
                new Column("event.country", ColumnType.TEXT)))) {
      for (int i = 0; i < ROWS; i++) {
        double spend = Math.exp(random.nextGaussian());
        boolean missing = i % 50 == 0;
        long visits = random.nextInt(40);
        String country = "c" + random.nextInt(6);
        writer.row("p" + i, i % 3 == 0 ? 1.0 : 0.0, missing ? null : spend, visits, country);
        Map<String, Object> served = new HashMap<>();
        if (!missing) {
          served.put("user.spend", spend);
        }
        served.put("user.visits", visits);
        served.put("event.country", country);
        alike.add(new Vector("p" + i, "v1", served, new RowPlace(i % 4, i)));
      }
      writer.finish();
    }
    training = List.of(Dataset.read(file));
  }

  private static SkewReport review(List<Vector> served) {
    return review(served, 0, Map.of());
  }

  private static SkewReport review(
      List<Vector> served, double tolerance, Map<String, ColumnRules.Thresholds> thresholds) {
    return SkewReview.of(
        new SkewReview.Terms("shop", "d1", INPUTS, "label", tolerance, thresholds),
        training,
        served);
  }

  private static List<Vector> changed(
      Set<Integer> rows, UnaryOperator<Map<String, Object>> change) {
    List<Vector> served = new ArrayList<>();
    for (int i = 0; i < alike.size(); i++) {
      Vector each = alike.get(i);
      served.add(
          rows.contains(i)
              ? new Vector(
                  each.predictionId(),
                  each.version(),
                  change.apply(new HashMap<>(each.features())),
                  each.place())
              : each);
    }
    return served;
  }

  private static List<Vector> all(UnaryOperator<Map<String, Object>> change) {
    Set<Integer> every = new TreeSet<>();
    for (int i = 0; i < ROWS; i++) {
      every.add(i);
    }
    return changed(every, change);
  }

  private static List<String> errors(SkewReport report) {
    return report.schema().stream()
        .filter(each -> each.severity().equals("ERROR"))
        .map(each -> each.kind() + ":" + each.column())
        .toList();
  }

  @Test
  void of_sameRows_noSkewOfAnyKind() {
    SkewReport report = review(alike);
    assertThat(report.skewed()).isFalse();
    assertThat(report.joined()).isEqualTo(ROWS);
    assertThat(report.mismatchedRows()).isZero();
    assertThat(report.schema()).isEmpty();
    assertThat(report.notes()).isEmpty();
  }

  @Test
  void of_listServedThatTheDatasetHasAsText_isNoDifference() {
    Path file = folder.resolve("lists.parquet");
    try (DatasetWriter writer =
        new DatasetWriter(
            file,
            List.of(
                new Column("prediction_id", ColumnType.TEXT),
                new Column("label", ColumnType.NUMBER),
                new Column("user.last", ColumnType.TEXT)))) {
      writer.row("p0", 1.0, "[\"a, b\",\"c\"]");
      writer.row("p1", 0.0, "[\"a, b\",\"c\"]");
      writer.finish();
    }
    List<Vector> served =
        List.of(
            new Vector("p0", "v1", Map.of("user.last", List.of("a, b", "c")), new RowPlace(0, 0)),
            new Vector("p1", "v1", Map.of("user.last", List.of("a", "b, c")), new RowPlace(0, 1)));

    SkewReport report =
        SkewReview.of(
            new SkewReview.Terms("shop", "d1", List.of("user.last"), "label", 0, Map.of()),
            List.of(Dataset.read(file)),
            served);

    assertThat(report.mismatchedRows()).isEqualTo(1);
  }

  @Test
  void of_oneFeatureChangedInThirtySevenRows_exactlyThoseAreReported() {
    Random random = new Random(3);
    Set<Integer> rows = new TreeSet<>();
    while (rows.size() < 37) {
      int row = random.nextInt(ROWS);
      if (row % 50 != 0) {
        rows.add(row);
      }
    }
    List<Vector> nearby =
        changed(
            rows,
            row -> {
              row.compute("user.spend", (name, value) -> Math.nextUp((Double) value));
              return row;
            });
    SkewReport report = review(nearby);
    assertThat(report.skewed()).isTrue();
    assertThat(report.mismatchedRows()).isEqualTo(37);
    SkewReport.FeatureSkew worst = report.features().getFirst();
    assertThat(worst.feature()).isEqualTo("user.spend");
    assertThat(worst.differing()).isEqualTo(37);
    assertThat(worst.predictions())
        .containsExactlyInAnyOrderElementsOf(rows.stream().map(row -> "p" + row).toList());
    assertThat(report.features().get(1).differing()).isZero();
    // The last bit of a number is within any tolerance: the control.
    SkewReport tolerant = review(nearby, 1e-12, Map.of());
    assertThat(tolerant.mismatchedRows()).isZero();
  }

  @Test
  void of_twoRowsSwapped_bothAreReportedThoughNoDistributionMoves() {
    List<Vector> served = new ArrayList<>(alike);
    Vector a = served.get(1);
    Vector b = served.get(2);
    served.set(1, new Vector(a.predictionId(), "v1", b.features(), a.place()));
    served.set(2, new Vector(b.predictionId(), "v1", a.features(), b.place()));
    SkewReport report = review(served);
    assertThat(report.mismatchedRows()).isEqualTo(2);
    assertThat(report.distributions()).allSatisfy(each -> assertThat(each.drifted()).isFalse());
  }

  @Test
  void of_valueOnOneSideOnly_isADifferenceOfItsOwnKind() {
    SkewReport report =
        review(
            changed(
                Set.of(1, 50),
                row -> {
                  if (row.remove("user.spend") == null) {
                    row.put("user.spend", 1.5);
                  }
                  return row;
                }));
    SkewReport.FeatureSkew spend = report.features().getFirst();
    assertThat(spend.onlyTrained()).isEqualTo(1);
    assertThat(spend.onlyServed()).isEqualTo(1);
    assertThat(spend.differing()).isEqualTo(2);
  }

  @Test
  void of_schemaFaults_eachNamesItsFeature() {
    assertThat(errors(review(all(row -> with(row, "user.spend", 3L)))))
        .containsExactly("UNEXPECTED_DATA_TYPE:user.spend");
    assertThat(errors(review(all(row -> without(row, "user.visits")))))
        .containsExactly("SCHEMA_MISSING_COLUMN:user.visits");
    assertThat(errors(review(all(row -> with(row, "event.country", "elsewhere")))))
        .containsExactly("ENUM_TYPE_UNEXPECTED_STRING_VALUES:event.country");
    assertThat(errors(review(all(row -> with(row, "user.visits", "12")))))
        .contains("INT_TYPE_NOT_INT_STRING:user.visits");
    List<Anomaly> label = review(all(row -> with(row, "label", 1.0))).schema();
    assertThat(label)
        .anySatisfy(
            each -> {
              assertThat(each.column()).isEqualTo("label");
              assertThat(each.message()).contains("does not belong to SERVING");
            });
  }

  private static Map<String, Object> with(Map<String, Object> row, String name, Object value) {
    row.put(name, value);
    return row;
  }

  private static Map<String, Object> without(Map<String, Object> row, String name) {
    row.remove(name);
    return row;
  }

  @Test
  void of_distributionMoved_isToldWithTheShareOutsideTraining() {
    SkewReport report =
        review(
            all(
                row -> {
                  row.computeIfPresent("user.spend", (name, value) -> (Double) value + 2000);
                  return row;
                }));
    SkewReport.DistributionSkew worst = report.distributions().getFirst();
    assertThat(worst.feature()).isEqualTo("user.spend");
    assertThat(worst.drifted()).isTrue();
    assertThat(worst.outside()).isEqualTo(1.0);
    assertThat(report.distributions().subList(1, 3))
        .allSatisfy(each -> assertThat(each.drifted()).isFalse());
  }

  @Test
  void of_thresholdOfAPerson_isHeldUnderSkewAndAnotherOneIsNot() {
    List<Vector> moved =
        all(
            row -> {
              if (row.get("event.country").equals("c1")) {
                row.put("event.country", "c2");
              }
              return row;
            });
    assertThat(
            errors(
                review(
                    moved,
                    0,
                    Map.of("event.country", new ColumnRules.Thresholds(0.1, null, null)))))
        .containsExactly("COMPARATOR_L_INFTY_HIGH:event.country");
    assertThat(
            errors(
                review(
                    moved,
                    0,
                    Map.of("event.country", new ColumnRules.Thresholds(0.3, null, null)))))
        .isEmpty();
  }

  @Test
  void of_fewOrNoVectors_saysWhatItCannotTell() {
    assertThat(review(List.of()).notes()).hasSize(2);
    assertThat(review(List.of()).skewed()).isFalse();
    Vector stranger = new Vector("other", "v1", Map.of(), new RowPlace(0, 0));
    assertThat(review(List.of(stranger)).joined()).isZero();
  }
}
