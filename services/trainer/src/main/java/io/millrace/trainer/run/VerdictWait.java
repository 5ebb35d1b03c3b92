// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.contract.AllowedSpans;
import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SkewJudged;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.Durations;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ValidationDefinition;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/**
 * Waits until the validator has judged every closed span up to the newest label. Ends before that
 * where nothing new has been judged for a while (a span stays open until later events close it, and
 * the last spans of a finished replay never close), and at a limit in any case. What has no verdict
 * then is not trained on, so ending early costs rows, never safety.
 */
public final class VerdictWait {
  private static final long LOOK_MS = 500;

  private final VerdictBook book;
  private final NewestMoments newest;
  private final InstantSource clock;
  private final Duration limit;
  private final Duration quiet;

  /**
   * @param limit longest wait
   * @param quiet time without a new verdict after which no more is expected, once there is one
   */
  public VerdictWait(
      VerdictBook book, NewestMoments newest, InstantSource clock, Duration limit, Duration quiet) {
    this.book = book;
    this.newest = newest;
    this.clock = clock;
    this.limit = limit;
    this.quiet = quiet;
  }

  /** How far data has come in, in event time. */
  public interface NewestMoments {
    /** Newest moment that has a label; empty without labels. */
    OptionalLong label(String app);

    /** Newest event of a kind; empty without events. */
    OptionalLong event(String app, String event);
  }

  /** Waits, and gives what may be trained on. */
  public AllowedSpans await(
      ApplicationDefinition definition,
      LabelDefinition label,
      @org.jspecify.annotations.Nullable Long fromMs,
      @org.jspecify.annotations.Nullable Long toMs)
      throws InterruptedException {
    String app = definition.name();
    long start = clock.millis();
    long lastChange = start;
    long needed = needed(definition, label, toMs);
    while (true) {
      long seen = book.changes();
      Collection<DataVerdict> verdicts = book.of(app);
      long now = clock.millis();
      boolean some = verdicts.stream().anyMatch(each -> each.event().equals(label.decidedAt()));
      if (covered(verdicts, label.decidedAt(), needed)
          || now - start >= limit.toMillis()
          || (some && now - lastChange >= quiet.toMillis())) {
        return AllowedSpans.of(verdicts, skews(definition), label.decidedAt(), fromMs, toMs);
      }
      book.awaitChange(seen, LOOK_MS);
      if (book.changes() != seen) {
        lastChange = clock.millis();
      }
    }
  }

  /** Those that keep their spans out of training. */
  private Collection<SkewJudged> skews(ApplicationDefinition definition) {
    ValidationDefinition validation = definition.validation();
    return validation != null && validation.keepsSkewedOut()
        ? book.skews(definition.name())
        : List.of();
  }

  private static boolean covered(Collection<DataVerdict> verdicts, String event, long needed) {
    // A verdict that covers no time, such as that on a silence, says nothing of what came before.
    return verdicts.stream()
        .filter(verdict -> verdict.startMs() < verdict.endMs())
        .anyMatch(verdict -> verdict.event().equals(event) && verdict.endMs() >= needed);
  }

  /**
   * Up to where spans must be judged: the end of the newest label's span, or the start of the span
   * that is still open, whichever comes first.
   */
  private long needed(
      ApplicationDefinition definition,
      LabelDefinition label,
      @org.jspecify.annotations.Nullable Long toMs) {
    OptionalLong newestLabel = newest.label(definition.name());
    if (newestLabel.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long target =
        toMs == null ? newestLabel.getAsLong() : Math.min(newestLabel.getAsLong(), toMs - 1);
    long length = spanMs(definition);
    if (length <= 0) {
      return target + 1;
    }
    long needed = Math.floorDiv(target, length) * length + length;
    OptionalLong newestEvent = newest.event(definition.name(), label.decidedAt());
    return newestEvent.isPresent()
        ? Math.min(needed, Math.floorDiv(newestEvent.getAsLong(), length) * length)
        : needed;
  }

  /** Length of an event-time span; 0 where spans are counted in rows. */
  private static long spanMs(ApplicationDefinition definition) {
    if (definition.validation() == null || definition.validation().span() == null) {
      return Duration.ofDays(1).toMillis();
    }
    String span = definition.validation().span();
    return span.contains("row") ? 0 : Durations.parse(span).toMillis();
  }
}
