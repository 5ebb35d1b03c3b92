// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetWriter;
import io.millrace.validator.model.Evaluation.Check;
import io.millrace.validator.model.Evaluation.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DataReviewTest {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("prediction_id", ColumnType.TEXT),
          new Column("moment", ColumnType.TIMESTAMP),
          new Column("entity.user", ColumnType.TEXT),
          new Column("split", ColumnType.TEXT),
          new Column("label", ColumnType.NUMBER),
          new Column("a", ColumnType.NUMBER),
          new Column("b", ColumnType.NUMBER),
          new Column("c", ColumnType.TEXT));
  private static final List<String> INPUTS = List.of("a", "b", "c");

  @TempDir Path folder;

  /** Fills in one row: id, moment, user, split, label, a, b, c. */
  @FunctionalInterface
  private interface Plant {
    void into(@Nullable Object[] row, Random random);
  }

  /** 600 training rows, then 400 held-out ones; a says a little, b nothing, c little. */
  private DataReview.Findings review(Plant plant) {
    return review(1_000, plant);
  }

  private DataReview.Findings review(int count, Plant plant) {
    Random random = new Random(3);
    Path file = folder.resolve("part-" + random.hashCode() + ".parquet");
    try (DatasetWriter writer = new DatasetWriter(file, COLUMNS)) {
      for (int i = 0; i < count; i++) {
        double a = random.nextGaussian();
        double label = a + 2 * random.nextGaussian() > 0.5 ? 1.0 : 0.0;
        @Nullable Object[] row = {
          "p" + i,
          1_000L * i,
          "u" + i % 50,
          i < 600 ? "train" : "eval",
          label,
          a,
          random.nextDouble(),
          "c" + random.nextInt(5)
        };
        plant.into(row, random);
        writer.row(row);
      }
      writer.finish();
    }
    return DataReview.of(List.of(Dataset.read(file)), INPUTS);
  }

  private static Check check(DataReview.Findings findings, String name) {
    return findings.checks().stream()
        .filter(check -> check.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " not in " + findings.checks()));
  }

  @Test
  void of_honestData_passesWithItsFigures() {
    DataReview.Findings findings = review((row, random) -> {});
    assertThat(findings.checks()).allMatch(check -> check.outcome() == Outcome.PASSED);
    assertThat(findings.figures())
        .containsEntry("data.leakage.predictions", 0.0)
        .containsEntry("data.leakage.twins.share", 0.0)
        .containsEntry("data.leakage.train_after_held_out.share", 0.0)
        .containsEntry("data.entity.user.shared", 50.0)
        .containsEntry("data.entity.user.seen_in_training.share", 1.0);
    assertThat(findings.figures().get("data.leakage.strongest_input.auc")).isBetween(0.55, 0.75);
    assertThat(check(findings, "leakage inputs").message()).contains("[a 0.");
  }

  /** The same patient on both sides, always with the same diagnosis. */
  @Test
  void of_groupThatKnowsTheLabel_isNamed() {
    DataReview.Findings findings =
        review((row, random) -> row[2] = (label(row) == 1 ? "ill-" : "well-") + random.nextInt(9));
    Check check = check(findings, "leakage inputs");
    assertThat(check.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(check.message()).contains("[entity.user (1");
  }

  /** Rows of all times on both sides: what a random split does to data that follow each other. */
  @Test
  void of_randomSplitOverTime_isSaid() {
    DataReview.Findings findings =
        review((row, random) -> row[3] = random.nextInt(10) < 6 ? "train" : "eval");
    Check check = check(findings, "leakage time");
    assertThat(check.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(check.message()).contains("are later than the first held-out one: rows of one time");
  }

  /** A field that is written after the outcome: the label with a little noise. */
  @Test
  void of_inputThatKnowsTheLabel_isNamed() {
    DataReview.Findings findings =
        review((row, random) -> row[6] = label(row) - 0.1 * random.nextGaussian());
    Check check = check(findings, "leakage inputs");
    assertThat(check.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(check.message()).contains("[b (").doesNotContain("a (");
  }

  /**
   * A field that is only there once something happened: its value is noise, its presence is not.
   */
  @Test
  void of_inputWhosePresenceKnowsTheLabel_isNamed() {
    DataReview.Findings findings =
        review((row, random) -> row[6] = label(row) == 1 ? random.nextDouble() : null);
    assertThat(check(findings, "leakage inputs").message()).contains("b present (1");
  }

  @Test
  void of_categoryThatKnowsTheLabel_isNamed() {
    DataReview.Findings findings =
        review((row, random) -> row[7] = (label(row) == 1 ? "paid-" : "open-") + random.nextInt(4));
    assertThat(check(findings, "leakage inputs").message()).contains("c (1");
  }

  @Test
  void of_samePredictionOnBothSides_isRefused() {
    DataReview.Findings findings =
        review((row, random) -> row[0] = row[0].equals("p999") ? "p1" : row[0]);
    assertThat(check(findings, "leakage predictions").outcome()).isEqualTo(Outcome.FAILED);
    assertThat(findings.figures()).containsEntry("data.leakage.predictions", 1.0);
  }

  /** Every row comes twice and the split cuts through the pairs at random. */
  @Test
  void of_copiedRowsAcrossARandomSplit_isSaid() {
    @Nullable Object[][] before = new Object[1][];
    DataReview.Findings findings =
        review(
            (row, random) -> {
              row[3] = random.nextInt(3) == 0 ? "eval" : "train";
              @Nullable Object[] twin = before[0];
              if (twin != null) {
                System.arraycopy(twin, 4, row, 4, 4);
                before[0] = null;
              } else {
                before[0] = row.clone();
              }
            });
    assertThat(check(findings, "leakage twins").outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(findings.figures().get("data.leakage.twins.share")).isBetween(0.5, 0.8);
    assertThat(findings.figures().get("data.leakage.train_after_held_out.share"))
        .isGreaterThan(0.9);
  }

  /** More rows than are looked at for other questions, and fifty planted copies among them. */
  @Test
  void of_fiftyCopiesAmongManyRows_areAllCounted() {
    int[] n = {0};
    List<@Nullable Object[]> rows = new ArrayList<>();
    DataReview.Findings findings =
        review(
            60_000,
            (row, random) -> {
              int i = n[0]++;
              row[3] = i < 45_000 ? "train" : "eval";
              if (i >= 45_000 && i % 300 == 0) {
                System.arraycopy(rows.get(i - 45_000), 5, row, 5, 3);
              }
              rows.add(row.clone());
            });
    assertThat(findings.figures()).containsEntry("data.leakage.twins", 50.0);
    assertThat(check(findings, "leakage twins").message())
        .startsWith("50 of 15000 held-out rows (0.3 %)");
  }

  /** Two scans of one patient, one on each side of a random split. */
  @Test
  void of_sharedGroupsOfARandomSplit_areCountedAndSaid() {
    int[] n = {0};
    DataReview.Findings findings =
        review(
            (row, random) -> {
              int i = n[0]++;
              row[3] = i % 2 == 0 ? "train" : "eval";
              row[2] = i < 40 ? "patient-" + i / 2 : "only-" + i;
            });
    Check check = check(findings, "leakage groups");
    assertThat(check.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(check.message()).contains("20 of entity.user (20 held-out rows)");
    assertThat(findings.figures()).containsEntry("data.entity.user.shared", 20.0);
  }

  /** One in ten positive in training, six in ten held out. */
  @Test
  void of_labels_balanceByHandAndShiftIsSaid() {
    int[] spam = {0};
    DataReview.Findings findings =
        review(
            (row, random) ->
                row[4] =
                    spam[0]++ % 10 == 0 || ("eval".equals(row[3]) && spam[0] % 2 == 0) ? 1.0 : 0.0);
    assertThat(findings.figures().get("data.label.train.share")).isCloseTo(0.1, within(1e-12));
    assertThat(findings.figures().get("data.label.eval.share")).isCloseTo(0.6, within(1e-12));
    Check check = check(findings, "labels");
    assertThat(check.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(check.message())
        .contains("10.0 % of 600", "(9.0 to 1)", "60.0 % of 400", "the label itself has moved");
  }

  @Test
  void of_regressionOrOneSide_saysOnlyWhatApplies() {
    DataReview.Findings regression = review((row, random) -> row[4] = random.nextGaussian());
    assertThat(regression.checks())
        .extracting(Check::name)
        .containsExactly(
            "leakage predictions",
            "leakage time",
            "leakage groups",
            "leakage twins",
            "leakage inputs");
    assertThat(review((row, random) -> row[3] = "train").checks()).isEmpty();
  }

  private static double label(@Nullable Object[] row) {
    return row[4] instanceof Double label ? label : Double.NaN;
  }

  /** A label that is a sum of money, with a long tail; a says a little of it. */
  private static void price(@Nullable Object[] row, Random random) {
    double a = Double.parseDouble(String.valueOf(row[5]));
    row[4] = Math.exp(0.5 * a + random.nextGaussian());
  }

  private static double amount(@Nullable Object[] row) {
    return Double.parseDouble(String.valueOf(row[4]));
  }

  @Test
  void of_honestNumericLabel_passesWithItsStrongestInput() {
    DataReview.Findings findings = review(DataReviewTest::price);
    assertThat(findings.checks()).allMatch(check -> check.outcome() == Outcome.PASSED);
    // Of a bivariate normal law with correlation r the ranks have 6/π·asin(r/2), here 0.43.
    assertThat(findings.figures().get("data.leakage.strongest_input.r2")).isBetween(0.08, 0.3);
    assertThat(check(findings, "leakage inputs").message())
        .contains("by share of the variance of its ranks: [a 0.");
    assertThat(findings.figures()).doesNotContainKey("data.leakage.strongest_input.auc");
  }

  /** Known after the outcome only: rising with it, falling, or neither, in another unit. */
  @ParameterizedTest
  @ValueSource(strings = {"rising", "falling", "folded", "by class", "by presence"})
  void of_inputThatKnowsANumericLabel_isNamed(String form) {
    DataReview.Findings findings =
        review(
            (row, random) -> {
              price(row, random);
              double noisy = amount(row) * (1 + 0.02 * random.nextGaussian());
              switch (form) {
                case "rising" -> row[6] = 2.54 * noisy;
                case "falling" -> row[6] = -Math.sqrt(noisy);
                case "folded" -> row[6] = noisy < 1 ? -noisy : noisy;
                case "by class" -> {
                  int grade = random.nextInt(5);
                  row[4] = Math.pow(10, grade) * (1 + 0.01 * random.nextGaussian());
                  row[7] = "grade " + grade;
                }
                default -> {
                  boolean paid = random.nextBoolean();
                  row[4] = paid ? 80.0 : 0.0;
                  row[6] = paid ? (Object) random.nextDouble() : null;
                }
              }
            });
    Check check = check(findings, "leakage inputs");
    if (form.equals("by class")) {
      // Five grades and no order within: what is left of the ranks is a twenty-fifth.
      assertThat(findings.figures().get("data.leakage.strongest_input.r2"))
          .isCloseTo(1 - 1.0 / 25, within(0.02));
      return;
    }
    assertThat(check.outcome()).as("%s", check).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(check.message()).contains(form.equals("by presence") ? "b present (" : "[b (");
    assertThat(check.message()).doesNotContain("a (");
  }

  @Test
  void of_numericLabelsThatAreFewOrAllAlike_cannotTell() {
    assertThat(check(review(640, DataReviewTest::price), "leakage inputs").message())
        .isEqualTo("too few held-out rows");
    assertThat(check(review((row, random) -> row[4] = 7.0), "leakage inputs").message())
        .isEqualTo("the held-out labels are all alike");
  }
}
