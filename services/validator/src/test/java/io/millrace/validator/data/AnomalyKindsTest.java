// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.ColumnRules.Stage;
import io.millrace.common.contract.ColumnRules.TimeFormat;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.definition.ValidationDefinition;
import io.millrace.common.definition.ValidationDefinition.SpanRules;
import io.millrace.common.serde.Json;
import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FieldType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of anomaly on a span that has it and, as the control, on the same span without it:
 * nine good hours of 400 rows first, then the span.
 */
final class AnomalyKindsTest {
  private static final long HOUR_MS = 3_600_000;
  private static final int ROWS = 400;
  private static final int GOOD_SPANS = 9;
  private static final String COLUMN = "x";

  /** What happens to the i-th row of the span; null drops it. */
  interface Fault extends BiFunction<Integer, Map<String, Object>, @Nullable Object> {}

  /**
   * A case.
   *
   * @param rules what a person said of the column before
   * @param honest its values in good spans
   * @param fault its values in the span: the row's number and data → value; null for none
   */
  record Case(
      String kind,
      String severity,
      ColumnRules rules,
      UnaryOperator<SpanRules> asked,
      Fault honest,
      Fault fault) {
    Case rules(String json) {
      return new Case(
          kind, severity, Json.mapper().readValue(json, ColumnRules.class), asked, honest, fault);
    }

    Case asking(String json) {
      SpanRules read = Json.mapper().readValue(json, SpanRules.class);
      return new Case(kind, severity, rules, ignored -> read, honest, fault);
    }

    @Override
    public String toString() {
      return kind + " " + severity;
    }
  }

  private static Case error(String kind, Fault honest, Fault fault) {
    return new Case(kind, "ERROR", ColumnRules.NONE, same -> same, honest, fault);
  }

  private static Case warning(String kind, Fault honest, Fault fault) {
    return new Case(kind, "WARNING", ColumnRules.NONE, same -> same, honest, fault);
  }

  private static double noise(int i, Map<String, Object> row) {
    return 20 + 5 * new Random(31L * i + ((Number) row.get("span")).longValue()).nextGaussian();
  }

  /** A long tail that no span is without. */
  private static double tailed(int i, Map<String, Object> row) {
    return i % 40 == 0 ? 60 + i / 100.0 : noise(i, row);
  }

  /** A moment within the hour, as text. */
  private static String moment(int i, Map<String, Object> row) {
    return Instant.ofEpochMilli(millis(i, row)).toString();
  }

  /** The same as a number. */
  private static long millis(int i, Map<String, Object> row) {
    return 1_772_323_200_000L + ((Number) row.get("span")).longValue() * HOUR_MS + 9_000L * i;
  }

  static Stream<Case> cases() {
    Fault number = AnomalyKindsTest::noise;
    Fault whole = (i, row) -> (long) (i % 50);
    Fault bool = (i, row) -> i % 2 == 0;
    Fault word = (i, row) -> "w" + i % 5;
    Fault pair = (i, row) -> List.of(1L, (long) i % 7);
    Fault code = (i, row) -> "code-" + (i % 200);
    return Stream.of(
        error("SCHEMA_MISSING_COLUMN", number, (i, row) -> null),
        error("FEATURE_TYPE_NOT_PRESENT", number, (i, row) -> List.of()),
        error("FEATURE_TYPE_LOW_FRACTION_PRESENT", number, (i, row) -> i % 2 == 0 ? 20.0 : null),
        warning(
            "FEATURE_TYPE_LOW_FRACTION_PRESENT",
            number,
            (i, row) -> i % 12 == 0 ? null : noise(i, row)),
        error("FEATURE_TYPE_LOW_NUMBER_PRESENT", number, (i, row) -> i < 390 ? noise(i, row) : null)
            .rules("{\"minCount\": 395}"),
        error(
            "INVALID_FEATURE_SHAPE", pair, (i, row) -> i % 4 == 0 ? List.of(1L) : List.of(1L, 2L)),
        warning(
            "INVALID_FEATURE_SHAPE",
            pair,
            (i, row) -> i == 7 ? List.of(1L) : List.of(1L, (long) i % 7)),
        error(
                "FEATURE_TYPE_HIGH_NUMBER_VALUES",
                pair,
                (i, row) -> i == 3 ? List.of(1L, 2L, 3L, 4L) : List.of(1L, (long) i % 7))
            .rules("{\"minValues\": 1, \"maxValues\": 3}"),
        error(
                "FEATURE_TYPE_LOW_NUMBER_VALUES",
                pair,
                (i, row) -> i == 3 ? List.of(1L) : List.of(1L, (long) i % 7))
            .rules("{\"minValues\": 2, \"maxValues\": 3}"),
        error("FEATURE_TYPE_LOW_UNIQUE", code, (i, row) -> "code-" + i % 20)
            .rules("{\"minUnique\": 100}"),
        error("FEATURE_TYPE_HIGH_UNIQUE", code, (i, row) -> "code-" + i)
            .rules("{\"maxUnique\": 300}"),
        error("INT_TYPE_NOT_INT_STRING", whole, (i, row) -> "many"),
        error("FLOAT_TYPE_STRING_NOT_FLOAT", number, (i, row) -> "12,5"),
        error("BOOL_TYPE_UNEXPECTED_STRING", bool, (i, row) -> "yes"),
        error("BOOL_TYPE_UNEXPECTED_FLOAT", bool, (i, row) -> 0.5),
        error("BOOL_TYPE_BIG_INT", bool, (i, row) -> 2L),
        error("BOOL_TYPE_SMALL_INT", bool, (i, row) -> -1L),
        error("UNEXPECTED_DATA_TYPE", word, (i, row) -> 7L),
        warning("UNEXPECTED_DATA_TYPE", whole, (i, row) -> i == 5 ? 1.5 : (Object) (long) (i % 50)),
        error("FLOAT_TYPE_HAS_NAN", number, (i, row) -> i % 4 == 0 ? Double.NaN : noise(i, row)),
        error("FLOAT_TYPE_HAS_NAN", number, (i, row) -> i == 4 ? Double.NaN : noise(i, row))
            .rules("{\"disallowNan\": true}"),
        warning("FLOAT_TYPE_HAS_NAN", number, (i, row) -> i == 4 ? Double.NaN : noise(i, row)),
        error(
            "FLOAT_TYPE_HAS_INF",
            number,
            (i, row) -> i % 4 == 0 ? Double.NEGATIVE_INFINITY : noise(i, row)),
        error(
                "FLOAT_TYPE_HAS_INF",
                number,
                (i, row) -> i == 4 ? Double.POSITIVE_INFINITY : noise(i, row))
            .rules("{\"disallowInf\": true}"),
        error("ENUM_TYPE_UNEXPECTED_STRING_VALUES", word, (i, row) -> i % 2 == 0 ? "W" : "w1"),
        warning("ENUM_TYPE_UNEXPECTED_STRING_VALUES", word, (i, row) -> i == 9 ? "W" : "w" + i % 5),
        error(
            "ENUM_TYPE_INVALID_UTF8",
            code,
            (i, row) -> i % 3 == 0 ? "M\uFFFDller" : "code-" + i % 200),
        warning(
            "ENUM_TYPE_INVALID_UTF8", code, (i, row) -> i == 3 ? "M\uFFFDller" : "code-" + i % 200),
        error("INT_TYPE_BIG_INT", whole, (i, row) -> i % 3 == 0 ? 9_000L : (long) (i % 50)),
        error("INT_TYPE_SMALL_INT", whole, (i, row) -> i % 3 == 0 ? -9_000L : (long) (i % 50)),
        error("FLOAT_TYPE_BIG_FLOAT", number, (i, row) -> i % 3 == 0 ? 900.5 : noise(i, row)),
        error("FLOAT_TYPE_SMALL_FLOAT", number, (i, row) -> i % 3 == 0 ? -900.5 : noise(i, row)),
        error(
            "UNIT_CHANGE",
            (i, row) -> noise(i, row) * noise(i + 1, row),
            (i, row) -> 100 * noise(i, row) * noise(i + 1, row)),
        error(
                "ENUM_TYPE_UNEXPECTED_STRING_VALUES",
                code,
                (i, row) -> i < 20 ? "c" + i : "code-" + i)
            .rules("{\"pattern\": \"code-[0-9]+\"}"),
        warning(
                "ENUM_TYPE_UNEXPECTED_STRING_VALUES",
                code,
                (i, row) -> i == 7 ? "code" : "code-" + i % 200)
            .rules("{\"pattern\": \"code-[0-9]+\"}"),
        error(
            "ENUM_TYPE_UNEXPECTED_STRING_VALUES",
            AnomalyKindsTest::moment,
            (i, row) -> i % 3 == 0 ? "yesterday" : moment(i, row)),
        warning(
            "ENUM_TYPE_UNEXPECTED_STRING_VALUES",
            AnomalyKindsTest::moment,
            (i, row) -> i == 7 ? "2026-02-30T00:00:00Z" : moment(i, row)),
        error(
                "ENUM_TYPE_UNEXPECTED_STRING_VALUES",
                AnomalyKindsTest::moment,
                (i, row) -> i < 20 ? "yesterday" : moment(i, row))
            .rules("{\"timeFormat\": \"INSTANT\"}"),
        error(
            "SEMANTIC_DOMAIN_UPDATE",
            AnomalyKindsTest::moment,
            (i, row) -> moment(i, row).substring(0, 10)),
        error(
                "INT_TYPE_BIG_INT",
                AnomalyKindsTest::millis,
                (i, row) -> i < 20 ? 99_000_000_000_000L : millis(i, row))
            .rules("{\"timeFormat\": \"UNIX_MILLIS\"}"),
        error("SEMANTIC_DOMAIN_UPDATE", AnomalyKindsTest::millis, (i, row) -> millis(i, row) / 1000)
            .rules("{\"timeFormat\": \"UNIX_MILLIS\"}"),
        error("FEATURE_TYPE_NO_UNIQUE", code, (i, row) -> i % 2 == 0).rules("{\"minUnique\": 100}"),
        warning("SENTINEL_RISE", number, (i, row) -> i % 12 == 0 ? 0.0 : noise(i, row)),
        warning("SENTINEL_RISE", code, (i, row) -> i % 10 == 0 ? "N/A" : "code-" + i % 200),
        warning(
            "OUTLIERS_GONE", AnomalyKindsTest::tailed, (i, row) -> Math.min(32, tailed(i, row))),
        warning("COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH", number, (i, row) -> noise(i, row) + 3),
        warning("COMPARATOR_L_INFTY_HIGH", word, (i, row) -> i % 4 == 0 ? "w0" : "w" + i % 5),
        error("COMPARATOR_L_INFTY_HIGH", word, (i, row) -> i % 4 == 0 ? "w0" : "w" + i % 5)
            .rules("{\"drift\": {\"infinityNorm\": 0.1}}"),
        error("COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH", number, (i, row) -> noise(i, row) + 3)
            .rules("{\"drift\": {\"jensenShannonDivergence\": 0.05}}"),
        error(
                "COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH",
                word,
                (i, row) -> i % 4 == 0 ? "w0" : "w" + i % 5)
            .rules("{\"drift\": {\"normalizedAbsDifference\": 0.05}}"));
  }

  /** Facts with a person's word on the column, if there is any. */
  private static Spans history(Case one) {
    EventFacts facts =
        new EventFacts(
            "view",
            new SpanPlan.EventTime(HOUR_MS),
            0,
            Map.of(),
            Set.of("key"),
            Set.of(),
            RowRules.of(null, new EventSchema(Map.of(), true)),
            one.asked().apply(SpanRules.NONE),
            Set.of(),
            SeverityOverrides.NONE);
    Spans run = new Spans(facts);
    for (int span = 0; span < GOOD_SPANS; span++) {
      Spans.Verdict verdict = run.judge(span * HOUR_MS, rows(span, one.honest()));
      assertThat(verdict.bad()).as("honest span %s: %s", span, verdict).isFalse();
      if (span == 0 && !one.rules().equals(ColumnRules.NONE)) {
        run.decide(decision(one.rules()));
      }
    }
    return run;
  }

  private static SchemaDecided decision(ColumnRules rules) {
    return new SchemaDecided(
        "shop",
        "view",
        0,
        List.of(new SchemaDecided.Edit(COLUMN, false, null, null, null, null, null, rules)),
        null,
        "ada",
        "test",
        1);
  }

  private static SchemaDecided.Edit edit(@Nullable List<String> domain, String rules) {
    return new SchemaDecided.Edit(
        COLUMN,
        false,
        null,
        null,
        domain,
        null,
        null,
        Json.mapper().readValue(rules, ColumnRules.class));
  }

  private static List<Spans.Row> rows(int span, Fault values) {
    List<Spans.Row> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      Map<String, Object> row = new HashMap<>(Map.of("key", "k" + i, "span", (long) span));
      Object value = values.apply(i, row);
      row.remove("span");
      if (value != null) {
        row.put(COLUMN, value);
      }
      rows.add(new Spans.Row(span * HOUR_MS + i * (HOUR_MS / ROWS), row));
    }
    return rows;
  }

  /** Kinds that come of comparing whole spans: no row is at fault. */
  private static final Set<AnomalyKind> OF_SPANS =
      EnumSet.of(
          AnomalyKind.UNIT_CHANGE,
          AnomalyKind.FEATURE_TYPE_LOW_UNIQUE,
          AnomalyKind.FEATURE_TYPE_HIGH_UNIQUE,
          AnomalyKind.COMPARATOR_L_INFTY_HIGH,
          AnomalyKind.COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH,
          AnomalyKind.COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH);

  /** Kinds that concern every row, so that none is an example. */
  private static final Set<AnomalyKind> OF_ALL_ROWS =
      EnumSet.of(AnomalyKind.SCHEMA_MISSING_COLUMN, AnomalyKind.FEATURE_TYPE_NOT_PRESENT);

  /** Kinds whose share nobody can tell: the values that are missed are not there. */
  private static final Set<AnomalyKind> WITHOUT_SHARE = EnumSet.of(AnomalyKind.OUTLIERS_GONE);

  /** Share and places, against the rows that the fault has changed. */
  private static void assertRows(Case one, Anomaly anomaly) {
    AnomalyKind kind = AnomalyKind.valueOf(one.kind());
    if (OF_SPANS.contains(kind)) {
      assertThat(anomaly.share()).isNull();
      assertThat(anomaly.examples()).isEmpty();
      return;
    }
    List<String> changed = changed(one);
    if (WITHOUT_SHARE.contains(kind)) {
      assertThat(anomaly.share()).isNull();
    } else {
      assertThat(anomaly.share()).isNotNull().isGreaterThan(0).isLessThanOrEqualTo(1);
      // No more rows are at fault than were changed, and a single one is one row's share.
      assertThat(anomaly.share() * ROWS).isLessThanOrEqualTo(changed.size() + 0.02 * ROWS);
      if (changed.size() == 1) {
        assertThat(anomaly.share()).isEqualTo(1.0 / ROWS);
      }
    }
    if (OF_ALL_ROWS.contains(kind)) {
      assertThat(anomaly.share()).isEqualTo(1);
      assertThat(anomaly.examples()).isEmpty();
    } else {
      assertThat(anomaly.examples()).isNotEmpty().hasSizeLessThanOrEqualTo(3);
      assertThat(changed).containsAll(anomaly.examples());
    }
  }

  /** The rows of the span whose value is another one than in an honest span. */
  private static List<String> changed(Case one) {
    List<Spans.Row> honest = rows(GOOD_SPANS, one.honest());
    List<Spans.Row> faulty = rows(GOOD_SPANS, one.fault());
    List<String> changed = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      if (!honest.get(i).data().equals(faulty.get(i).data())) {
        changed.add("0/" + i);
      }
    }
    return changed;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void judge_kindOfAnomaly_isNamedWithItsEvidenceAndOnlyWhereItIs(Case one) {
    Spans run = history(one);
    long start = GOOD_SPANS * HOUR_MS;
    Spans.Verdict faulty = run.peek(start, rows(GOOD_SPANS, one.fault()));
    List<Anomaly> found =
        faulty.step().judgement().anomalies().stream()
            .filter(each -> each.kind().equals(one.kind()))
            .toList();
    assertThat(found).as("%s", faulty.step().judgement().anomalies()).hasSize(1);
    Anomaly anomaly = found.getFirst();
    assertThat(anomaly.severity()).isEqualTo(one.severity());
    assertThat(anomaly.column()).isEqualTo(COLUMN);
    assertThat(anomaly.observed()).isNotBlank();
    assertThat(anomaly.expected()).isNotBlank();
    assertThat(anomaly.fix()).isNotBlank();
    assertThat(anomaly.message()).isNotBlank();
    assertRows(one, anomaly);
    Spans.Verdict control = run.peek(start, rows(GOOD_SPANS, one.honest()));
    assertThat(control.step().judgement().anomalies())
        .as("control")
        .noneMatch(each -> each.kind().equals(one.kind()));
  }

  @Test
  void judge_offendingRows_areNamedByTheirOffsets() {
    Map<String, Fault> faults =
        Map.of(
            "FEATURE_TYPE_LOW_FRACTION_PRESENT", (i, row) -> i % 2 == 1 ? 20.0 : null,
            "FLOAT_TYPE_STRING_NOT_FLOAT", (i, row) -> i > 99 ? "12,5" : noise(i, row),
            "FLOAT_TYPE_BIG_FLOAT", (i, row) -> i % 3 == 0 ? 900.0 + i : noise(i, row));
    Map<String, List<String>> places =
        Map.of(
            "FEATURE_TYPE_LOW_FRACTION_PRESENT", List.of("0/2", "0/4", "0/6"),
            "FLOAT_TYPE_STRING_NOT_FLOAT", List.of("0/100", "0/101", "0/102"),
            "FLOAT_TYPE_BIG_FLOAT", List.of("0/399"));
    Spans run = history(error("", AnomalyKindsTest::noise, AnomalyKindsTest::noise));
    faults.forEach(
        (kind, fault) ->
            assertThat(
                    run.peek(GOOD_SPANS * HOUR_MS, rows(GOOD_SPANS, fault))
                        .step()
                        .judgement()
                        .anomalies())
                .filteredOn(each -> each.kind().equals(kind))
                .singleElement()
                .extracting(Anomaly::examples)
                .isEqualTo(places.get(kind)));
  }

  @Test
  void judge_rowsAskedFor_countRatioAndHoursAreHeld() {
    Case asked =
        warning("", AnomalyKindsTest::noise, AnomalyKindsTest::noise)
            .asking(
                "{\"minRows\": 300, \"maxRows\": 500, \"minRatio\": 0.8, \"maxRatio\": 1.25,"
                    + " \"hours\": 24}");
    Spans run = history(asked);
    List<Spans.Row> honest = rows(GOOD_SPANS, AnomalyKindsTest::noise);
    long start = GOOD_SPANS * HOUR_MS;
    assertThat(run.peek(start, honest.subList(0, 250)).kinds("ERROR"))
        .contains(
            "DATASET_LOW_NUM_EXAMPLES:null",
            "COMPARATOR_LOW_NUM_EXAMPLES:null",
            "INCOMPLETE_SPAN:null");
    List<Spans.Row> twice = new ArrayList<>(honest);
    twice.addAll(honest);
    assertThat(run.peek(start, twice).kinds("ERROR"))
        .containsExactlyInAnyOrder(
            "DATASET_HIGH_NUM_EXAMPLES:null", "COMPARATOR_HIGH_NUM_EXAMPLES:null");
    List<Spans.Row> gap =
        honest.stream().filter(row -> (row.timeMs() - start) / (HOUR_MS / 24) != 13).toList();
    Spans.Verdict incomplete = run.peek(start, gap);
    assertThat(incomplete.kinds("ERROR")).containsExactly("INCOMPLETE_SPAN:null");
    assertThat(incomplete.errors().getFirst())
        .contains("23 of 24 parts hold rows; none from 1970-01-01T09:32:30Z");
    // 5 % fewer rows, spread over the whole span, are no breach.
    List<Spans.Row> thinned = new ArrayList<>();
    for (int i = 0; i < honest.size(); i++) {
      if (i % 20 != 0) {
        thinned.add(honest.get(i));
      }
    }
    assertThat(run.peek(start, thinned).kinds("ERROR")).isEmpty();
  }

  @Test
  void judge_crossFieldRule_namesTheRowsThatBreakIt() {
    RowRules rules =
        RowRules.of(
            new ValidationDefinition(null, Map.of("ordered", "high > low"), 0.0),
            new EventSchema(Map.of("low", FieldType.NUMBER, "high", FieldType.NUMBER), false));
    EventFacts facts =
        new EventFacts(
            "view", new SpanPlan.EventTime(HOUR_MS), 0, Map.of(), Set.of(), Set.of(), rules);
    List<Spans.Row> rows = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      rows.add(new Spans.Row(i, Map.of("low", 1.0, "high", 2.0)));
    }
    assertThat(new Spans(facts).judge(0, rows).step().judgement().anomalies()).isEmpty();
    rows.set(1234, new Spans.Row(1234, Map.of("low", 2.0, "high", 2.0)));
    assertThat(new Spans(facts).judge(0, rows).step().judgement().anomalies())
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.severity()).isEqualTo("ERROR");
              assertThat(each.kind()).isEqualTo("RULE");
              assertThat(each.expected()).startsWith("high > low");
              assertThat(each.examples()).containsExactly("0/1234");
              assertThat(each.share()).isEqualTo(0.0001);
            });
  }

  @Test
  void judge_columnInAStage_alarmsOnlyInBetaAndProduction() {
    for (Stage stage : Stage.values()) {
      Case one =
          error("SCHEMA_MISSING_COLUMN", AnomalyKindsTest::noise, (i, row) -> null)
              .rules("{\"stage\": \"" + stage + "\"}");
      Spans.Verdict verdict =
          history(one).peek(GOOD_SPANS * HOUR_MS, rows(GOOD_SPANS, one.fault()));
      assertThat(verdict.bad())
          .as("%s", stage)
          .isEqualTo(stage == Stage.BETA || stage == Stage.PRODUCTION);
    }
  }

  @Test
  void judge_labelInServing_isForeignAndItsLackInTrainingIsTold() {
    ColumnRules notServed = ColumnRules.notIn(List.of("SERVING"));
    Map<String, String> wanted =
        Map.of(
            "TRAINING with",
            "[]",
            "TRAINING without",
            "[SCHEMA_MISSING_COLUMN:x]",
            "SERVING with",
            "[SCHEMA_NEW_COLUMN:x]",
            "SERVING without",
            "[]");
    for (String environment : List.of("TRAINING", "SERVING")) {
      SpanSchema schema =
          history(
                  new Case(
                      "",
                      "",
                      notServed,
                      same -> same,
                      AnomalyKindsTest::noise,
                      AnomalyKindsTest::noise))
              .ledger()
              .schema();
      assertThat(schema).isNotNull();
      for (boolean with : new boolean[] {true, false}) {
        SpanStatistics statistics = new SpanStatistics();
        for (Spans.Row row : rows(1, with ? AnomalyKindsTest::noise : (i, data) -> null)) {
          statistics.add(
              0, 0, row.data(), RowRules.of(null, new EventSchema(Map.of(), true)), null);
        }
        Findings findings = new Findings();
        new SchemaChecks(schema, environment, EventHistory.EMPTY, findings).run(statistics, null);
        assertThat(
                findings.all().stream()
                    .filter(each -> each.severity().equals("ERROR"))
                    .map(each -> each.kind() + ":" + each.column())
                    .toList())
            .hasToString(wanted.get(environment + (with ? " with" : " without")));
      }
    }
  }

  @Test
  void decide_environmentsAndStage_areVersionedAndShownAsADifference() {
    Spans run = history(warning("", AnomalyKindsTest::noise, AnomalyKindsTest::noise));
    SpanSchema before = run.ledger().schema();
    assertThat(before).isNotNull();
    run.decide(
        new SchemaDecided(
            "shop",
            "view",
            0,
            List.of(edit(null, "{\"stage\": \"BETA\", \"notInEnvironment\": [\"SERVING\"]}")),
            List.of("TRAINING", "SERVING"),
            "ada",
            "label",
            1));
    SpanSchema after = run.ledger().schema();
    assertThat(after).isNotNull();
    assertThat(SchemaDiff.between(before, after))
        .containsExactlyInAnyOrder(
            new SchemaDiff(COLUMN, "rules", "none", "stage BETA, notInEnvironment [SERVING]"),
            new SchemaDiff("", "defaultEnvironment", "[]", "[TRAINING, SERVING]"));
    assertThat(after.expects(COLUMN, "TRAINING")).isTrue();
    assertThat(after.expects(COLUMN, "SERVING")).isFalse();
    String json = Json.mapper().writeValueAsString(after);
    assertThat(Json.mapper().readValue(json, SpanSchema.class)).isEqualTo(after);
  }

  @Test
  void decide_wrongRules_areRefusedWithTheirPlaces() {
    SpanSchema schema =
        history(warning("", AnomalyKindsTest::noise, AnomalyKindsTest::noise)).ledger().schema();
    assertThat(schema).isNotNull();
    SchemaDecided wrong =
        new SchemaDecided(
            "shop",
            "view",
            0,
            List.of(
                edit(
                    List.of("a"),
                    "{\"minValues\": 3, \"maxValues\": 2, \"minUnique\": -1, \"minCount\": -1,"
                        + " \"inEnvironment\": [\"serving\"], \"drift\":"
                        + " {\"infinityNorm\": -1}}")),
            List.of("no good"),
            "ada",
            "x",
            1);
    assertThat(SchemaCuration.problems(schema, wrong))
        .extracting(each -> each.path() + " " + each.rule())
        .containsExactlyInAnyOrder(
            "defaultEnvironment pattern",
            "edits[0].domain DOMAIN_INVALID_FOR_TYPE",
            "edits[0].rules.minValues range",
            "edits[0].rules.minUnique range",
            "edits[0].rules.minCount range",
            "edits[0].rules.inEnvironment pattern",
            "edits[0].rules.drift range");
  }

  private static SpanSchema schemaOf(Fault values) {
    SpanSchema schema = history(warning("", values, values)).ledger().schema();
    assertThat(schema).isNotNull();
    return schema;
  }

  private static List<String> refused(SpanSchema schema, String edit) {
    SchemaDecided.Edit read = Json.mapper().readValue(edit, SchemaDecided.Edit.class);
    SchemaDecided decided =
        new SchemaDecided("shop", "view", 0, List.of(read), null, "ada", "x", 1);
    return SchemaCuration.problems(schema, decided).stream()
        .map(each -> each.path() + " " + each.rule())
        .toList();
  }

  @Test
  void decide_formsThatAreNoneOrDoNotFit_areRefusedWithTheirPlaces() {
    SpanSchema text = schemaOf((i, row) -> "code-" + i % 200);
    SpanSchema number = schemaOf(AnomalyKindsTest::noise);
    SpanSchema bool = schemaOf((i, row) -> i % 2 == 0);
    String edit = "{\"column\": \"x\", \"drop\": false, \"rules\": {%s}}";
    assertThat(refused(text, edit.formatted("\"pattern\": \"code-[0-9]{1,3}\""))).isEmpty();
    assertThat(refused(text, edit.formatted("\"pattern\": \"\""))).isEmpty();
    for (String wrong : List.of("(", "[z-a]", "(a)\\\\1", "a{2,1}", "x".repeat(501))) {
      assertThat(refused(text, edit.formatted("\"pattern\": \"" + wrong + "\"")))
          .as("%s", wrong)
          .containsExactly("edits[0].rules.pattern pattern");
    }
    assertThat(refused(number, edit.formatted("\"pattern\": \"[0-9]+\"")))
        .containsExactly("edits[0].rules.pattern DOMAIN_INVALID_FOR_TYPE");
    assertThat(refused(number, edit.formatted("\"timeFormat\": \"DATE\"")))
        .containsExactly("edits[0].rules.timeFormat DOMAIN_INVALID_FOR_TYPE");
    assertThat(refused(bool, "{\"column\": \"x\", \"drop\": false, \"low\": 0, \"high\": 1}"))
        .containsExactly("edits[0].low BOOL_TYPE_INVALID_CONFIG");
    assertThat(refused(bool, "{\"column\": \"x\", \"drop\": false, \"domain\": [\"yes\", \"no\"]}"))
        .containsExactly("edits[0].domain BOOL_TYPE_INVALID_CONFIG");
  }

  @Test
  void infer_textsThatAreMoments_areMomentsAndAreProposedToBeNoneWhereSomeAreNot() {
    Spans run = history(warning("", AnomalyKindsTest::moment, AnomalyKindsTest::moment));
    SpanSchema learned = run.ledger().schema();
    assertThat(learned).isNotNull();
    ColumnSchema column = learned.columns().get(COLUMN);
    assertThat(column.format()).isEqualTo(TimeFormat.INSTANT);
    assertThat(column.type()).isEqualTo(ColumnSchema.Type.TIME);
    assertThat(column.domain()).isNull();
    assertThat(Json.mapper().readValue(Json.mapper().writeValueAsString(learned), SpanSchema.class))
        .isEqualTo(learned);
    run.decide(decision(Json.mapper().readValue("{\"stage\": \"BETA\"}", ColumnRules.class)));
    SpanSchema curated = run.ledger().schema();
    assertThat(curated).isNotNull();
    run.judge(
        GOOD_SPANS * HOUR_MS, rows(GOOD_SPANS, (i, row) -> i == 7 ? "yesterday" : moment(i, row)));
    SpanSchema proposal = run.ledger().proposal();
    assertThat(proposal).isNotNull();
    assertThat(SchemaDiff.between(curated, proposal))
        .containsExactly(new SchemaDiff(COLUMN, "format", "INSTANT", "none"));
  }

  /** A person that knows better takes back what was learned. */
  @Test
  void decide_anyFormat_takesBackWhatWasLearned() {
    Case any =
        warning("", AnomalyKindsTest::moment, AnomalyKindsTest::moment)
            .rules("{\"timeFormat\": \"ANY\"}");
    assertThat(
            history(any)
                .peek(GOOD_SPANS * HOUR_MS, rows(GOOD_SPANS, (i, row) -> "yesterday"))
                .step()
                .judgement()
                .anomalies())
        .noneMatch(each -> each.kind().equals("ENUM_TYPE_UNEXPECTED_STRING_VALUES"));
  }

  @Test
  void judge_thresholdAndNothingBefore_isControlDataMissing() {
    Case threshold =
        warning("", AnomalyKindsTest::noise, AnomalyKindsTest::noise)
            .rules("{\"drift\": {\"infinityNorm\": 0.1}}");
    Spans run = history(threshold);
    // Seven spans without the column, which is what a span is held against.
    SpanSchema schema = run.ledger().schema();
    assertThat(schema).isNotNull();
    for (int span = GOOD_SPANS; span < GOOD_SPANS + 60; span++) {
      run.decide(optional());
      run.judge(span * HOUR_MS, rows(span, (i, row) -> null));
    }
    int next = GOOD_SPANS + 60;
    assertThat(
            run.peek(next * HOUR_MS, rows(next, AnomalyKindsTest::noise))
                .step()
                .judgement()
                .anomalies())
        .filteredOn(each -> each.kind().equals("COMPARATOR_CONTROL_DATA_MISSING"))
        .singleElement()
        .satisfies(
            each -> {
              assertThat(each.severity()).isEqualTo("WARNING");
              assertThat(each.column()).isEqualTo(COLUMN);
              assertThat(each.observed()).isEqualTo(ROWS + " values");
              assertThat(each.expected()).startsWith("values in ");
              assertThat(each.fix()).contains("nothing to compare with");
            });
  }

  private static SchemaDecided optional() {
    return new SchemaDecided(
        "shop",
        "view",
        0,
        List.of(new SchemaDecided.Edit(COLUMN, false, null, 1.0, null, null, null, null)),
        null,
        "ada",
        "optional",
        1);
  }

  /** Asked for a ratio in the first span of all. */
  @Test
  void judge_ratioAskedForInTheFirstSpan_isControlDataMissing() {
    Case asked =
        warning("", AnomalyKindsTest::noise, AnomalyKindsTest::noise).asking("{\"minRatio\": 0.5}");
    EventFacts facts =
        Spans.facts(new SpanPlan.EventTime(HOUR_MS), asked.asked().apply(SpanRules.NONE));
    assertThat(new Spans(facts).judge(0, rows(0, AnomalyKindsTest::noise)).kinds("WARNING"))
        .containsExactly("COMPARATOR_CONTROL_DATA_MISSING:null");
  }
}
