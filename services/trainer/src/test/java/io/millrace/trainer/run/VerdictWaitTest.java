// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.AllowedSpans;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.contract.Interval;
import io.millrace.common.definition.ApplicationDefinition;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

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

  private static DataVerdict verdict(String event, long start, long end, Status status) {
    return new DataVerdict(
        "shop", event, "s" + start, start, end, 10, status, 1, List.of(), Map.of(), 0);
  }

  private AllowedSpans await(
      OptionalLong newestLabel, long newestEventMs, Duration limit, Duration quiet)
      throws InterruptedException {
    ApplicationDefinition definition = SampleDataset.definition(Map.of());
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
