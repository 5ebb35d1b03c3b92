// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.AllowedSpans;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.contract.Interval;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class VerdictWaitTest {
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final Duration LONG = Duration.ofMinutes(5);

  private final VerdictBook book = new VerdictBook();

  @Test
  void await_newestLabelsSpanIsJudged_endsAtOnce() throws Exception {
    book.accept(verdict("view", 0, DAY, Status.GOOD));
    assertThat(await(OptionalLong.of(DAY - 1), DAY * 9, LONG, LONG).intervals())
        .containsExactly(new Interval(0, DAY));
  }

  @Test
  void await_spanOfTheNewestLabelIsStillOpen_waitsForClosedOnesOnly() throws Exception {
    book.accept(verdict("view", 0, DAY, Status.GOOD));
    // Label and newest event lie in the second day, which later events have not closed.
    assertThat(await(OptionalLong.of(DAY + 5), DAY + 9, LONG, LONG).good()).isEqualTo(1);
  }

  @Test
  void await_closedSpanWithoutVerdict_waitsUntilItComes() throws Exception {
    book.accept(verdict("view", 0, DAY, Status.GOOD));
    try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
      Future<AllowedSpans> waiting =
          pool.submit(() -> await(OptionalLong.of(DAY + 5), DAY * 3, LONG, LONG));
      // A verdict of another event is not the one that is waited for.
      book.accept(verdict("click", DAY, 2 * DAY, Status.GOOD));
      book.accept(verdict("view", DAY, 2 * DAY, Status.BAD));
      AllowedSpans spans = waiting.get(30, TimeUnit.SECONDS);
      assertThat(spans.intervals()).containsExactly(new Interval(0, DAY));
      assertThat(spans.bad()).containsExactly("view/s" + DAY);
    }
  }

  @Test
  void await_nothingNewForAWhile_endsWithWhatThereIs() throws Exception {
    book.accept(verdict("view", 0, DAY, Status.GOOD));
    AllowedSpans spans = await(OptionalLong.of(DAY * 5), DAY * 9, LONG, Duration.ofMillis(50));
    assertThat(spans.intervals()).containsExactly(new Interval(0, DAY));
  }

  @Test
  void await_noVerdictAtAll_endsAtTheLimitWithNothing() throws Exception {
    Duration limit = Duration.ofMillis(50);
    assertThat(await(OptionalLong.of(5), DAY, limit, Duration.ofMillis(1)).intervals()).isEmpty();
    assertThat(await(OptionalLong.empty(), DAY, limit, LONG).intervals()).isEmpty();
  }

  private static SkewJudged skewed(long start, long end) {
    return new SkewJudged(
        "shop",
        "view",
        "s" + start,
        start,
        end,
        "d1",
        10,
        10,
        10,
        7,
        SkewJudged.Status.SKEWED,
        List.of("7 of 10 predictions"),
        List.of(),
        List.of(),
        0);
  }

  private static ApplicationDefinition definition(@Nullable Boolean trainOnSkewed) {
    ApplicationDefinition plain = SampleDataset.definition(Map.of());
    ObjectNode json = (ObjectNode) Json.mapper().valueToTree(plain);
    ObjectNode skew = json.putObject("validation").putObject("skew");
    if (trainOnSkewed != null) {
      skew.put("trainOnSkewed", trainOnSkewed);
    }
    return Json.mapper().treeToValue(json, ApplicationDefinition.class);
  }

  @Test
  void await_skewedSpan_isKeptOutWhereTheDefinitionAsksForIt() throws Exception {
    book.accept(verdict("view", 0, DAY, Status.GOOD));
    book.accept(verdict("view", DAY, 2 * DAY, Status.GOOD));
    book.accept(skewed(DAY, 2 * DAY));
    OptionalLong newest = OptionalLong.of(2 * DAY - 1);

    AllowedSpans asked = await(definition(false), newest, DAY * 9, LONG, LONG);
    assertThat(asked.intervals()).containsExactly(new Interval(0, DAY));
    assertThat(asked.bad()).containsExactly("view/s" + DAY + " (skewed)");
    for (Boolean not : new Boolean[] {null, true}) {
      assertThat(await(definition(not), newest, DAY * 9, LONG, LONG).intervals())
          .containsExactly(new Interval(0, 2 * DAY));
    }
    assertThat(await(newest, DAY * 9, LONG, LONG).intervals())
        .containsExactly(new Interval(0, 2 * DAY));
    book.forget("shop");
    assertThat(book.skews("shop")).isEmpty();
  }

  private static DataVerdict verdict(String event, long start, long end, Status status) {
    return new DataVerdict(
        "shop", event, "s" + start, start, end, 10, status, 1, List.of(), Map.of(), 0);
  }

  private AllowedSpans await(
      OptionalLong newestLabel, long newestEventMs, Duration limit, Duration quiet)
      throws InterruptedException {
    return await(SampleDataset.definition(Map.of()), newestLabel, newestEventMs, limit, quiet);
  }

  private AllowedSpans await(
      ApplicationDefinition definition,
      OptionalLong newestLabel,
      long newestEventMs,
      Duration limit,
      Duration quiet)
      throws InterruptedException {
    VerdictWait.NewestMoments newest =
        new VerdictWait.NewestMoments() {
          @Override
          public OptionalLong label(String app) {
            return newestLabel;
          }

          @Override
          public OptionalLong event(String app, String event) {
            return OptionalLong.of(newestEventMs);
          }
        };
    return new VerdictWait(book, newest, InstantSource.system(), limit, quiet)
        .await(definition, definition.label(), null, null);
  }
}
