// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.parity;

import io.millrace.featurestore.parity.ParityCheck.Mismatch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What was found about one application. Thread-safe. */
final class AppParity {
  private static final int EXAMPLES_MAX = 20;
  private static final int FEATURES_MAX = 5_000;

  /** A feature without a mismatch for so long, although compared, is equal again. */
  private static final Duration CALM = Duration.ofMinutes(5);

  private final Map<String, Feature> features = new TreeMap<>();
  private final Deque<ParityReport.Example> examples = new ArrayDeque<>();
  private final Map<String, Long> bySource = new TreeMap<>();
  private long checked;
  private long mismatching;
  private long skipped;
  private long lastCheckedAtMs = Long.MIN_VALUE;
  private long lagMs;

  private static final class Feature {
    private long checked;
    private long mismatches;
    private long lastMismatchAtMs = Long.MIN_VALUE;
    private long checkedSince;
    private final long firstAtMs;

    Feature(long firstAtMs) {
      this.firstAtMs = firstAtMs;
    }
  }

  /**
   * What is to be said about a feature.
   *
   * @param differs whether it is to be raised; else resolved
   */
  record Verdict(String feature, boolean differs, String cause, Map<String, String> evidence) {}

  synchronized void skipped(int vectors) {
    skipped += vectors;
  }

  synchronized void settled(
      ParityMeter.Origin origin,
      long servedAtMs,
      long momentMs,
      List<String> compared,
      List<Mismatch> mismatches,
      long now) {
    checked++;
    bySource.merge(origin.source(), 1L, Long::sum);
    lastCheckedAtMs = now;
    lagMs = now - servedAtMs;
    for (String name : compared) {
      Feature feature = feature(name, now);
      if (feature != null) {
        feature.checked++;
        feature.checkedSince++;
      }
    }
    if (mismatches.isEmpty()) {
      return;
    }
    mismatching++;
    for (Mismatch each : mismatches) {
      Feature feature = feature(each.feature(), now);
      if (feature != null) {
        feature.mismatches++;
        feature.lastMismatchAtMs = now;
        feature.checkedSince = 0;
      }
      examples.addFirst(
          new ParityReport.Example(
              now,
              origin.source(),
              origin.answer(),
              servedAtMs,
              momentMs,
              each.state(),
              each.feature(),
              each.served(),
              each.recomputed()));
      if (examples.size() > EXAMPLES_MAX) {
        examples.removeLast();
      }
    }
  }

  private @Nullable Feature feature(String name, long now) {
    Feature known = features.get(name);
    if (known == null && features.size() < FEATURES_MAX) {
      known = new Feature(now);
      features.put(name, known);
    }
    return known;
  }

  /** Every feature that differs, and every one that has been compared long enough to be calm. */
  synchronized List<Verdict> verdicts(long now) {
    List<Verdict> verdicts = new ArrayList<>();
    features.forEach(
        (name, feature) -> {
          if (feature.lastMismatchAtMs > now - CALM.toMillis()) {
            verdicts.add(differs(name, feature));
          } else if (feature.checkedSince > 0 && feature.firstAtMs <= now - CALM.toMillis()) {
            verdicts.add(
                new Verdict(
                    name,
                    false,
                    "Equal to history again: "
                        + feature.checkedSince
                        + " values compared without a difference.",
                    Map.of()));
          }
        });
    return verdicts;
  }

  private static Verdict differs(String name, Feature feature) {
    return new Verdict(
        name,
        true,
        "Feature "
            + name
            + " was served with values that its history does not give: "
            + feature.mismatches
            + " of "
            + feature.checked
            + " compared. Training and serving disagree.",
        Map.of(
            "mismatches",
            Long.toString(feature.mismatches),
            "compared",
            Long.toString(feature.checked)));
  }

  synchronized ParityReport report(String app, double share, long pending) {
    Map<String, ParityReport.FeatureParity> each = new TreeMap<>();
    features.forEach(
        (name, feature) ->
            each.put(
                name,
                new ParityReport.FeatureParity(
                    feature.checked, feature.mismatches, known(feature.lastMismatchAtMs))));
    return new ParityReport(
        app,
        share,
        checked,
        Map.copyOf(bySource),
        mismatching,
        skipped,
        pending,
        known(lastCheckedAtMs),
        lastCheckedAtMs == Long.MIN_VALUE ? null : lagMs,
        each,
        List.copyOf(examples));
  }

  private static @Nullable Long known(long ms) {
    return ms == Long.MIN_VALUE ? null : ms;
  }
}
