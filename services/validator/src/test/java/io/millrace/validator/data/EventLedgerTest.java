// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.definition.ValidationDefinition;
import io.millrace.features.definition.EventSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Honest streams pass, planted faults do not; on many seeds, none of which is tuned to. */
final class EventLedgerTest {
  private static final long HOUR_MS = 3_600_000;
  private static final EventSchema OPEN_SCHEMA = new EventSchema(Map.of(), true);

  private static EventFacts facts(long spanMs, Map<String, ColumnSchema> declared, RowRules rules) {
    return new EventFacts(
        "view",
        new SpanPlan.EventTime(spanMs),
        0,
        declared,
        Set.of("user", "item"),
        Set.of(),
        rules);
  }

  private static EventFacts facts(long spanMs) {
    return facts(spanMs, Map.of(), RowRules.of(null, OPEN_SCHEMA));
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "4, 6", "24, 6"})
  void judge_honestStream_isNeverBad(int spanHours, int seeds) {
    int spans = 0;
    Map<String, Integer> suspicions = new HashMap<>();
    List<Spans.Verdict> bad = new ArrayList<>();
    for (int seed = 0; seed < seeds; seed++) {
      List<Spans.Verdict> verdicts =
          new Spans(facts(spanHours * HOUR_MS))
              .judgeAll(ShopRows.generate(100 + seed, 24 * 21, 120));
      spans += verdicts.size();
      verdicts.stream().filter(Spans.Verdict::bad).forEach(bad::add);
      verdicts.stream()
          .flatMap(each -> each.kinds("WARNING").stream())
          .filter(each -> each.startsWith("SENTINEL") || each.startsWith("OUTLIERS"))
          .forEach(each -> suspicions.merge(each, 1, Integer::sum));
    }
    System.out.printf("false BAD: %d of %d honest spans of %d h%n", bad.size(), spans, spanHours);
    System.out.println("suspicions: " + suspicions);
    assertThat(bad).isEmpty();
    assertThat(suspicions.values().stream().mapToInt(Integer::intValue).sum())
        .isLessThanOrEqualTo(spans / 50);
  }

  /** One fault each, in the span in which it first appears. */
  private static Map<String, UnaryOperator<List<Spans.Row>>> faults() {
    Map<String, UnaryOperator<List<Spans.Row>>> faults = new HashMap<>();
    faults.put("UNIT_CHANGE:price", Spans.scaled("price", 100));
    faults.put("UNIT_CHANGE:dwell_s", Spans.scaled("dwell_s", 1000));
    faults.put("SCHEMA_MISSING_COLUMN:device", without("device"));
    faults.put("SCHEMA_MISSING_COLUMN:price", without("price"));
    faults.put("INT_TYPE_NOT_INT_STRING:position", replaced("position", "many"));
    faults.put("FLOAT_TYPE_STRING_NOT_FLOAT:price", replaced("price", "12,50"));
    faults.put("UNEXPECTED_DATA_TYPE:device", replaced("device", 7L));
    faults.put("BOOL_TYPE_UNEXPECTED_STRING:new", replaced("new", "yes"));
    faults.put("ENUM_TYPE_UNEXPECTED_STRING_VALUES:device", replaced("device", "PHONE"));
    faults.put("INT_TYPE_BIG_INT:position", replaced("position", 9_999L));
    faults.put(
        "DATASET_LOW_NUM_EXAMPLES:null", rows -> rows.subList(0, Math.max(1, rows.size() / 20)));
    return faults;
  }

  private static UnaryOperator<List<Spans.Row>> without(String column) {
    return Spans.each(
        row -> {
          row.remove(column);
          return row;
        });
  }

  private static UnaryOperator<List<Spans.Row>> replaced(String column, Object value) {
    return Spans.each(
        row -> {
          row.put(column, value);
          return row;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 24})
  void judge_plantedFault_isBadInTheFirstSpanAndNamed(int spanHours) {
    for (int seed = 0; seed < 3; seed++) {
      List<Spans.Row> rows = ShopRows.generate(200 + seed, 24 * 12, 200);
      int spans = 24 * 12 / spanHours;
      int span = spans - 1 - new Random(seed).nextInt(spans / 4);
      Spans.faulty(facts(spanHours * HOUR_MS), rows, span, faults())
          .forEach(
              (name, verdict) ->
                  assertThat(verdict.kinds("ERROR"))
                      .as("%s in span %d of %d h: %s", name, span, spanHours, verdict)
                      .contains(name));
    }
  }

  @Test
  void judge_hundredfoldPrice_namesTheFactor() {
    Spans.Verdict verdict =
        Spans.faulty(
                facts(24 * HOUR_MS),
                ShopRows.generate(5, 240, 200),
                9,
                Map.of("fault", Spans.scaled("price", 100)))
            .get("fault");
    assertThat(verdict.errors()).anyMatch(each -> each.startsWith("UNIT_CHANGE(price) ×100 maps"));
  }

  @Test
  void judge_badSpan_leavesNoTraceInReferenceOrSchema() {
    EventFacts facts = facts(24 * HOUR_MS);
    List<Spans.Row> rows = ShopRows.generate(6, 240, 200);
    Spans run = new Spans(facts);
    List<Map.Entry<Long, List<Spans.Row>>> days = new ArrayList<>(run.cut(rows).entrySet());
    days.subList(0, 8).forEach(day -> run.judge(day.getKey(), day.getValue()));
    EventLedger before = run.ledger();
    UnaryOperator<List<Spans.Row>> fault = Spans.scaled("price", 100);
    for (int repeat = 0; repeat < 3; repeat++) {
      // The same wrong unit again and again never becomes the reference.
      assertThat(
              run.judge(days.get(8).getKey() + repeat, fault.apply(days.get(8).getValue())).bad())
          .isTrue();
    }
    assertThat(run.ledger()).isEqualTo(before);
    assertThat(run.judge(days.get(9).getKey(), days.get(9).getValue()).bad()).isFalse();
  }

  @Test
  void judge_ruleBrokenInMoreThanItsShare_isBad() {
    RowRules rules =
        RowRules.of(
            new ValidationDefinition(
                null, Map.of("net", "net <= gross", "elsewhere", "nosuch > 1.0"), 0.02),
            new EventSchema(
                Map.of(
                    "net", io.millrace.features.definition.FieldType.NUMBER,
                    "gross", io.millrace.features.definition.FieldType.NUMBER),
                false));
    assertThat(rules.names()).containsExactly("net");
    List<Spans.Row> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rows.add(new Spans.Row(i, Map.of("net", i < 2 ? 3.0 : 1.0, "gross", 2.0)));
    }
    Spans.Verdict within = new Spans(facts(HOUR_MS, Map.of(), rules)).judge(0, rows);
    assertThat(within.bad()).isFalse();
    assertThat(within.kinds("WARNING")).containsExactly("RULE:null");
    rows.add(new Spans.Row(100, Map.of("net", 9.0, "gross", 2.0)));
    Spans.Verdict beyond = new Spans(facts(HOUR_MS, Map.of(), rules)).judge(0, rows);
    assertThat(beyond.kinds("ERROR")).containsExactly("RULE:null");
    assertThat(beyond.errors().getFirst()).contains("broken in 3.0 % of 101 rows (3)");
  }

  @Test
  void judge_declaredFacts_areTakenAsGiven() {
    ColumnSchema grade =
        ColumnSchema.ofDeclared(ColumnSchema.Type.STRING, 0, Map.of("string", 1.0))
            .withDeclaredDomain(List.of("a", "b"));
    ColumnSchema level =
        ColumnSchema.ofDeclared(ColumnSchema.Type.INT, 0, Map.of("number", 1.0))
            .withDeclaredRange(0.0, 10.0);
    EventFacts facts =
        facts(HOUR_MS, Map.of("grade", grade, "level", level), RowRules.of(null, OPEN_SCHEMA));
    List<Spans.Row> good = new ArrayList<>();
    List<Spans.Row> wrong = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      good.add(new Spans.Row(i, Map.of("grade", i % 2 == 0 ? "a" : "b", "level", i % 5L)));
      wrong.add(new Spans.Row(i, Map.of("grade", "z", "level", 99L)));
    }
    // Declared facts are strict in the very first span: nothing has to be learned.
    assertThat(new Spans(facts).judge(0, wrong).kinds("ERROR"))
        .contains("ENUM_TYPE_UNEXPECTED_STRING_VALUES:grade", "INT_TYPE_BIG_INT:level");
    Spans run = new Spans(facts);
    assertThat(run.judge(0, good).bad()).isFalse();
    assertThat(run.ledger().schema()).isNotNull();
    assertThat(run.ledger().schema().columns().get("level").high()).isEqualTo(10.0);
    assertThat(run.ledger().schema().columns().get("grade").domain()).containsExactly("a", "b");
  }

  @Test
  void judge_emptyAndTinyAndMessySpans_giveAVerdict() {
    Spans run = new Spans(facts(HOUR_MS));
    assertThat(run.judge(0, List.of()).bad()).isFalse();
    assertThat(run.judge(1, List.of(new Spans.Row(1, Map.of("a", 1L)))).bad()).isFalse();
    Map<String, Object> wide = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      wide.put("column" + i, i % 2 == 0 ? (Object) (double) i : "x".repeat(50));
    }
    Spans.Verdict verdict = run.judge(2, List.of(new Spans.Row(2, wide)));
    assertThat(verdict.bad()).isFalse();
    assertThat(verdict.kinds("WARNING")).contains("SCHEMA_NEW_COLUMN:null");
    assertThat(run.judge(3, List.of(new Spans.Row(3, Map.of("a", "x".repeat(1 << 20))))).bad())
        .isFalse();
  }

  @Test
  void judge_allMissingMixedAndJumpingSpans_giveAVerdictEach() {
    Spans run = new Spans(facts(HOUR_MS));
    List<Spans.Row> good = colours(300, 5);
    for (int span = 0; span < 6; span++) {
      assertThat(run.judge(span * HOUR_MS, good).bad()).isFalse();
    }
    List<Spans.Row> missing = new ArrayList<>();
    List<Spans.Row> mixed = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      missing.add(new Spans.Row(i, new HashMap<>()));
      Object odd = i % 3 == 0 ? (Object) "x" : i % 3 == 1 ? (Object) 1L : List.of("x", 2L, true);
      mixed.add(new Spans.Row(i, Map.of("colour", odd, "n", odd)));
    }
    assertThat(run.peek(6 * HOUR_MS, missing).kinds("ERROR"))
        .containsExactlyInAnyOrder("SCHEMA_MISSING_COLUMN:colour", "SCHEMA_MISSING_COLUMN:n");
    assertThat(run.peek(6 * HOUR_MS, mixed).kinds("ERROR"))
        .contains("UNEXPECTED_DATA_TYPE:colour", "INT_TYPE_NOT_INT_STRING:n");
    assertThat(run.peek(6 * HOUR_MS, List.of()).kinds("ERROR"))
        .containsExactly("DATASET_LOW_NUM_EXAMPLES:null");
    // A clock that jumps: spans long before and long after the others are judged like any.
    for (long start : new long[] {-400L * 365 * 24 * HOUR_MS, 300L * 365 * 24 * HOUR_MS}) {
      assertThat(run.judge(start, good).bad()).isFalse();
    }
    assertThat(run.judge(7 * HOUR_MS, good).bad()).isFalse();
  }

  @Test
  void learn_domainGrows_makesVersionsThatCanBeCompared() {
    Spans run = new Spans(facts(HOUR_MS));
    for (int span = 0; span < 3; span++) {
      List<Spans.Row> rows = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        rows.add(new Spans.Row(i, Map.of("colour", "c" + i % (5 + span), "n", (long) (i % 10))));
      }
      SpanSchema before = run.ledger().schema();
      run.judge(span * HOUR_MS, rows);
      SpanSchema after = run.ledger().schema();
      assertThat(after).isNotNull();
      assertThat(after.version()).isEqualTo(span + 1);
      if (before != null) {
        assertThat(SchemaDiff.between(before, after))
            .containsExactly(
                new SchemaDiff(
                    "colour", "domain", (4 + span) + " values", "+[c" + (4 + span) + "]"));
      }
    }
  }

  @Test
  void learn_moreThanHundredStrings_isNoDomain() {
    Spans run = new Spans(facts(HOUR_MS));
    List<Spans.Row> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      rows.add(new Spans.Row(i, Map.of("hundred", "v" + i % 100, "more", "v" + i % 101)));
    }
    run.judge(0, rows);
    assertThat(run.ledger().schema()).isNotNull();
    assertThat(run.ledger().schema().columns().get("hundred").domain()).hasSize(100);
    assertThat(run.ledger().schema().columns().get("more").domain()).isNull();
  }

  private static Spans threeHours() {
    Spans run = new Spans(facts(HOUR_MS));
    for (int span = 0; span < 3; span++) {
      run.judge(span * HOUR_MS, colours(300, 5));
    }
    return run;
  }

  private static List<Spans.Row> colours(int rows, int colours) {
    List<Spans.Row> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      all.add(new Spans.Row(i, Map.of("colour", "c" + i % colours, "n", (long) (i % 10))));
    }
    return all;
  }

  private static SchemaDecided decided(int version, SchemaDecided.Edit... edits) {
    return new SchemaDecided("shop", "view", version, List.of(edits), null, "ada", "checked", 7);
  }

  private static SchemaDecided.Edit edit(String column, List<String> domain, Double low) {
    return new SchemaDecided.Edit(column, false, null, null, domain, low, null, null);
  }

  @Test
  void decide_learnedVersion_goodSpansOnlyProposeFromThenOn() {
    Spans run = threeHours();
    run.decide(decided(0));
    SpanSchema curated = Objects.requireNonNull(run.ledger().schema());
    assertThat(curated.version()).isEqualTo(2);
    assertThat(curated.curation()).isEqualTo(new SpanSchema.Curation("ada", "checked", 7));
    Spans.Verdict wider = run.judge(3 * HOUR_MS, colours(300, 6));
    assertThat(wider.bad()).isFalse();
    assertThat(wider.kinds("WARNING")).contains("ENUM_TYPE_UNEXPECTED_STRING_VALUES:colour");
    run.judge(4 * HOUR_MS, colours(300, 7));
    assertThat(run.ledger().schema()).isEqualTo(curated);
    SpanSchema proposal = Objects.requireNonNull(run.ledger().proposal());
    assertThat(SchemaDiff.between(curated, proposal))
        .containsExactly(new SchemaDiff("colour", "domain", "5 values", "+[c5, c6]"));
    // A person accepts: what was an anomaly passes, and nothing is proposed any more.
    run.decide(decided(0));
    SpanSchema accepted = Objects.requireNonNull(run.ledger().schema());
    assertThat(accepted.version()).isEqualTo(3);
    assertThat(accepted.changes()).containsExactly("'colour' domain: 5 values → +[c5, c6]");
    assertThat(run.judge(5 * HOUR_MS, colours(300, 7)).kinds("WARNING")).isEmpty();
    assertThat(run.ledger().proposal()).isNull();
  }

  @Test
  void decide_setDomainAndRange_strictAtOnceAndNeverWidened() {
    Spans run = threeHours();
    run.decide(decided(0, edit("colour", List.of("c1", "c0", "c2"), null), edit("n", null, 5.0)));
    Spans.Verdict verdict = run.judge(3 * HOUR_MS, colours(300, 5));
    assertThat(verdict.kinds("ERROR"))
        .containsExactlyInAnyOrder(
            "ENUM_TYPE_UNEXPECTED_STRING_VALUES:colour", "INT_TYPE_SMALL_INT:n");
    assertThat(run.ledger().proposal()).isNull();
  }

  @Test
  void decide_earlierVersionOrDroppedColumn_isTaken() {
    Spans run = threeHours();
    run.judge(3 * HOUR_MS, colours(300, 6));
    SpanSchema second = Objects.requireNonNull(run.ledger().schema());
    assertThat(second.version()).isEqualTo(2);
    run.decide(decided(1));
    SpanSchema back = Objects.requireNonNull(run.ledger().schema());
    assertThat(back.version()).isEqualTo(3);
    assertThat(Objects.requireNonNull(back.columns().get("colour")).domain()).hasSize(5);
    run.decide(decided(3, new SchemaDecided.Edit("n", true, null, null, null, null, null, null)));
    assertThat(Objects.requireNonNull(run.ledger().schema()).columns()).containsOnlyKeys("colour");
  }

  @Test
  void decide_sameAgainOrUnknownVersionOrNothingLearned_changesNothing() {
    Spans run = threeHours();
    run.decide(decided(0));
    EventLedger once = run.ledger();
    run.decide(decided(0));
    run.decide(decided(99));
    run.decide(decided(0, edit("nosuch", List.of("x"), null)));
    assertThat(run.ledger()).isEqualTo(once);
    assertThat(EventLedger.EMPTY.decide(decided(0), version -> null)).isEmpty();
  }

  @Test
  void problems_everyWrongEdit_allAtOnceWithItsPlace() {
    SpanSchema schema = Objects.requireNonNull(threeHours().ledger().schema());
    SchemaDecided wrong =
        new SchemaDecided(
            "shop",
            "view",
            0,
            List.of(
                new SchemaDecided.Edit("colour", false, "UNKNOWN", 1.5, null, null, null, null),
                edit("nosuch", null, null),
                new SchemaDecided.Edit("n", false, null, null, List.of("a", "a"), 9.0, 1.0, null),
                edit("colour", null, null)),
            null,
            " ",
            "",
            7);
    assertThat(SchemaCuration.problems(schema, wrong))
        .extracting(SchemaCuration.Problem::path)
        .containsExactly(
            "by",
            "reason",
            "edits[0].type",
            "edits[0].maxMissingShare",
            "edits[1].column",
            "edits[2].domain",
            "edits[2].low",
            "edits[2].domain",
            "edits[3].column");
  }
}
