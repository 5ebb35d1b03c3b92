// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.features.definition.EventSchema;
import io.millrace.testkit.sketch.RepeatableSketches;
import io.millrace.validator.data.Spans.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two thermometers in one column, and shapes that only look like it. */
@ExtendWith(RepeatableSketches.class)
final class PeakCheckTest {
  private static final long HOUR_MS = 3_600_000;
  private static final int SPANS = 8;

  private static EventFacts facts() {
    return new EventFacts(
        "reading",
        new SpanPlan.EventTime(HOUR_MS),
        0,
        Map.of(),
        Set.of(),
        Set.of(),
        RowRules.of(null, new EventSchema(Map.of(), true)));
  }

  private static List<Row> span(
      int hour, int rows, SplittableRandom random, ToDoubleFunction<SplittableRandom> value) {
    List<Row> span = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      Map<String, Object> row = new HashMap<>();
      row.put("degrees", value.applyAsDouble(random));
      row.put("instrument", random.nextInt(50) == 0 ? "C" : "A");
      span.add(new Row(hour * HOUR_MS + i * HOUR_MS / rows, row));
    }
    return span;
  }

  private static Optional<Anomaly> found(Spans.Verdict verdict) {
    return verdict.step().judgement().anomalies().stream()
        .filter(each -> each.kind().equals("TWO_PEAKS"))
        .findFirst();
  }

  @Test
  void judge_twoThermometersInOneColumn_namesPeaksAndInstrument() {
    for (int seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Spans spans = new Spans(facts());
      for (int hour = 0; hour < SPANS; hour++) {
        Spans.Verdict good =
            spans.judge(
                hour * HOUR_MS, span(hour, 500, random, each -> 15 + 5 * each.nextGaussian()));
        assertThat(found(good)).isEmpty();
      }
      List<Row> mixed = span(SPANS, 500, random, each -> 15 + 5 * each.nextGaussian());
      for (int i = 0; i < mixed.size(); i++) {
        if (random.nextDouble() < 0.4) {
          Map<String, Object> row = new HashMap<>(mixed.get(i).data());
          row.compute("degrees", (name, celsius) -> 32 + 1.8 * (Double) celsius);
          row.put("instrument", "B");
          mixed.set(i, new Row(mixed.get(i).timeMs(), row));
        }
      }
      Anomaly anomaly = found(spans.peek(SPANS * HOUR_MS, mixed)).orElseThrow();
      assertThat(anomaly.column()).isEqualTo("degrees");
      assertThat(anomaly.observed()).contains("instrument 'B'");
      assertThat(anomaly.severity()).isEqualTo("WARNING");
      assertThat(anomaly.share()).isBetween(0.33, 0.47);
      assertThat(anomaly.fix()).contains("instruments");
    }
  }

  @Test
  void judge_honestShapes_haveNoTwoPeaks() {
    Map<String, ToDoubleFunction<SplittableRandom>> shapes = new LinkedHashMap<>();
    shapes.put("normal", SplittableRandom::nextGaussian);
    shapes.put("uniform", SplittableRandom::nextDouble);
    shapes.put("lognormal", random -> Math.exp(1.2 * random.nextGaussian()));
    shapes.put("exponential", random -> -Math.log(1 - random.nextDouble()));
    shapes.put("cauchy", random -> Math.tan(Math.PI * (random.nextDouble() - 0.5)));
    shapes.put("counts", random -> Math.rint(40 + 6 * random.nextGaussian()));
    shapes.put("always two", random -> (random.nextBoolean() ? 0 : 40) + 5 * random.nextGaussian());
    shapes.put("prices", random -> Math.rint(random.nextDouble() * 60) + 0.99);
    int spansJudged = 0;
    Map<String, Integer> told = new LinkedHashMap<>();
    for (Map.Entry<String, ToDoubleFunction<SplittableRandom>> shape : shapes.entrySet()) {
      for (int seed = 0; seed < 20; seed++) {
        SplittableRandom random = new SplittableRandom(1_000 + seed);
        Spans spans = new Spans(facts());
        for (int hour = 0; hour < 12; hour++) {
          spansJudged++;
          if (found(
                  spans.judge(
                      hour * HOUR_MS,
                      span(hour, 200 + random.nextInt(600), random, shape.getValue())))
              .isPresent()) {
            told.merge(shape.getKey(), 1, Integer::sum);
          }
        }
      }
    }
    System.out.printf("two peaks: %s of %d honest spans%n", told, spansJudged);
    assertThat(told).isEmpty();
  }
}
