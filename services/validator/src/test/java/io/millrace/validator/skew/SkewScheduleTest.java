// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.skew;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import io.millrace.datasets.Column;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetException;
import io.millrace.datasets.DatasetWriter;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.validator.data.EventFacts;
import io.millrace.validator.data.RowPlace;
import io.millrace.validator.data.SpanArchive;
import io.millrace.validator.data.SpanSchema;
import io.millrace.validator.data.SpanView;
import io.millrace.validator.model.CandidateTrial.UnavailableException;
import io.millrace.validator.model.Evaluation;
import io.millrace.validator.model.EvaluationRows;
import io.millrace.validator.skew.ServedVectors.Vector;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions and training rows of the same moments, span after span. */
final class SkewScheduleTest {
  private static final long HOUR = 3_600_000;
  private static final int ROWS = 400;

  @TempDir Path folder;

  private final SkewBook book = new SkewBook();
  private final List<Long> built = new ArrayList<>();
  private int differing;
  private int servedFromHour;
  private boolean down;
  private boolean noRows;

  private static ApplicationDefinition definition(String label, String skew, String gate) {
    return Json.mapper()
        .readValue(
            """
            {"apiVersion": "millrace/v1", "kind": "Application", "metadata": {"name": "shop"},
             "events": {"view": {"time": {"field": "at", "format": "epoch_ms"}}},
             "entities": {"user": {"key": "user"}}, "featureViews": {},
             "label": {"name": "buys", "decidedAt": "view", %s},
             "model": {"features": ["event.x"]},
             "gates": {%s},
             "validation": {"span": "1h", "skew": {%s}}}
            """
                .formatted(label, gate, skew),
            ApplicationDefinition.class);
  }

  private static ApplicationDefinition each(String skew) {
    return definition("\"value\": \"x > 1.0\"", skew, "");
  }

  private static List<DataVerdict> closed(int hours) {
    List<DataVerdict> verdicts = new ArrayList<>();
    for (int hour = 0; hour < hours; hour++) {
      verdicts.add(
          new DataVerdict(
              "shop",
              "view",
              "h" + hour,
              hour * HOUR,
              (hour + 1) * HOUR,
              ROWS,
              DataVerdict.Status.GOOD,
              1,
              List.of(),
              Map.of(),
              0));
    }
    return verdicts;
  }

  private List<Vector> vectors(ServedVectors.Asked asked) {
    if (asked.fromMs() < servedFromHour * HOUR && asked.fromMs() != Long.MIN_VALUE) {
      return List.of();
    }
    List<Vector> served = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      double x = i < differing ? i + 0.5 : i;
      served.add(new Vector("p" + i, "1", Map.of("event.x", x), new RowPlace(0, i)));
    }
    return served;
  }

  private Dataset rows() {
    Path file = folder.resolve("rows.parquet");
    try (DatasetWriter writer =
        new DatasetWriter(
            file,
            List.of(
                new Column("prediction_id", ColumnType.TEXT),
                new Column("split", ColumnType.TEXT),
                new Column("label", ColumnType.NUMBER),
                new Column("event.x", ColumnType.NUMBER)))) {
      for (int i = 0; i < ROWS; i++) {
        writer.row("p" + i, "train", i % 2 == 0 ? 1.0 : 0.0, (double) i);
      }
      writer.finish();
    }
    return Dataset.read(file);
  }

  private SkewSchedule schedule() {
    return new SkewSchedule(
        (app, asked, most) -> vectors(asked),
        (app, fromMs, toMs) -> {
          if (down) {
            throw new UnavailableException("away", null);
          }
          if (noRows) {
            throw new DatasetException("no rows");
          }
          built.add(fromMs / HOUR);
          return new SpanRows.Built("d" + built.size(), List.of(rows()));
        },
        new SkewThresholds(new NoArchive()),
        book,
        () -> Instant.ofEpochMilli(7));
  }

  /** Nobody has said anything of a schema. */
  private static final class NoArchive implements SpanArchive {
    @Override
    public List<DataVerdict> verdicts(String app, String event, int limit) {
      return List.of();
    }

    @Override
    public List<String> open(String app, EventFacts event) {
      return List.of();
    }

    @Override
    public Optional<SpanView> span(String app, EventFacts event, String span) {
      return Optional.empty();
    }

    @Override
    public Optional<DatasetProfile> statistics(String app, EventFacts event, String span) {
      return Optional.empty();
    }

    @Override
    public List<SpanSchema> schemas(String app, String event) {
      return List.of();
    }

    @Override
    public Optional<SpanSchema> proposal(String app, String event) {
      return Optional.empty();
    }

    @Override
    public Optional<SpanSchema> schema(String app, String event, int version) {
      return Optional.empty();
    }
  }

  @Test
  void compare_closedSpan_isComparedOnceAndKept() {
    SkewSchedule schedule = schedule();
    SkewJudged judged = schedule.compare(each(""), closed(3)).orElseThrow();
    assertThat(judged.span()).isEqualTo("h2");
    assertThat(judged.status()).as("%s", judged.reasons()).isEqualTo(SkewJudged.Status.ALIKE);
    assertThat(judged.joined()).isEqualTo(ROWS);
    assertThat(judged.datasetId()).isEqualTo("d1");
    assertThat(schedule.compare(each(""), closed(3))).isEmpty();
    assertThat(book.find("shop", "view", "h2")).hasValue(judged);
    assertThat(built).containsExactly(2L);
  }

  @Test
  void compare_moreValuesDifferThanAreAllowed_isSkewedAndNamesThem() {
    differing = 8;
    SkewJudged judged = schedule().compare(each(""), closed(1)).orElseThrow();
    assertThat(judged.status()).isEqualTo(SkewJudged.Status.SKEWED);
    assertThat(judged.reasons().getFirst())
        .contains("8 of 400 predictions", "2.00 %", "event.x", "p0 of 0.5 for 0.0");
    assertThat(judged.features().getFirst().differing()).isEqualTo(8);
    assertThat(judged.features().getFirst().predictions()).hasSize(3);
    // The control: the same rows within a larger share, and within a tolerance.
    assertThat(
            schedule().compare(each("\"mismatchedShare\": 0.05"), closed(2)).orElseThrow().status())
        .isEqualTo(SkewJudged.Status.ALIKE);
    assertThat(
            schedule()
                .compare(each("\"tolerance\": 0.999"), closed(3))
                .orElseThrow()
                .mismatchedRows())
        .as("0 and 0.5 are no multiple of each other")
        .isEqualTo(1);
  }

  @Test
  void compare_everyThirdSpan_leavesTheOthersOut() {
    SkewSchedule schedule = schedule();
    List<String> compared = new ArrayList<>();
    for (int hours = 1; hours <= 9; hours++) {
      schedule
          .compare(each("\"everySpans\": 3"), closed(hours))
          .ifPresent(judged -> compared.add(judged.span()));
    }
    assertThat(compared).containsExactly("h2", "h5", "h8");
  }

  @Test
  void compare_labelsNotKnownYet_waitsForALaterSpan() {
    ApplicationDefinition joined =
        definition(
            "\"positive\": {\"event\": \"view\", \"on\": \"id\", \"within\": \"90m\"}", "", "");
    SkewSchedule schedule = schedule();
    assertThat(schedule.compare(joined, closed(2))).isEmpty();
    assertThat(schedule.compare(joined, closed(3)).orElseThrow().span()).isEqualTo("h0");
  }

  @Test
  void compare_nothingServed_buildsNoRows() {
    servedFromHour = 2;
    SkewSchedule schedule = schedule();
    assertThat(schedule.compare(each(""), closed(1))).isEmpty();
    assertThat(schedule.compare(each(""), closed(2))).isEmpty();
    assertThat(built).isEmpty();
    assertThat(schedule.compare(each(""), closed(3))).isPresent();
  }

  @Test
  void compare_rowsCannotBeHad_isDueAgainOrSaysSo() {
    down = true;
    SkewSchedule schedule = schedule();
    assertThatThrownBy(() -> schedule.compare(each(""), closed(1)))
        .isInstanceOf(UnavailableException.class);
    down = false;
    noRows = true;
    SkewJudged judged = schedule.compare(each(""), closed(1)).orElseThrow();
    assertThat(judged.status()).isEqualTo(SkewJudged.Status.INCONCLUSIVE);
    assertThat(judged.reasons()).containsExactly("no rows");
  }

  @Test
  void compare_notAskedFor_doesNothing() {
    ApplicationDefinition silent =
        Json.mapper()
            .readValue(
                Json.mapper()
                    .writeValueAsString(each(""))
                    .replaceAll("\"skew\":\\{[^}]*\\}", "\"skew\":null"),
                ApplicationDefinition.class);
    assertThat(schedule().compare(silent, closed(3))).isEmpty();
    assertThat(built).isEmpty();
  }

  private Evaluation.Check gate(String gate) {
    return new SkewedCandidate((app, asked, most) -> vectors(asked))
        .check(
            definition("\"value\": \"x > 1.0\"", "", gate),
            "d1",
            new EvaluationRows(List.of(rows())))
        .orElseThrow();
  }

  @Test
  void check_gateOnSkew_refusesACandidateTrainedOnOtherValues() {
    assertThat(gate("\"skew\": {}").outcome()).isEqualTo(Evaluation.Outcome.PASSED);
    differing = 1;
    Evaluation.Check failed = gate("\"skew\": {}");
    assertThat(failed.outcome()).isEqualTo(Evaluation.Outcome.FAILED);
    assertThat(failed.message()).contains("1 of 400 predictions", "event.x");
    assertThat(gate("\"skew\": {\"mismatchedShare\": 0.01}").outcome())
        .isEqualTo(Evaluation.Outcome.PASSED);
    assertThat(gate("\"skew\": {\"minimumRows\": 401}").outcome())
        .isEqualTo(Evaluation.Outcome.INCONCLUSIVE);
    assertThat(
            new SkewedCandidate((app, asked, most) -> vectors(asked))
                .check(each(""), "d1", new EvaluationRows(List.of(rows()))))
        .as("not asked for")
        .isEmpty();
  }
}
