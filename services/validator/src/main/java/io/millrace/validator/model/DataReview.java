// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import static io.millrace.validator.model.Metrics.number;

import io.millrace.datasets.Column;
import io.millrace.datasets.Dataset;
import io.millrace.stats.test.Proportions;
import io.millrace.validator.model.Evaluation.Check;
import io.millrace.validator.model.Evaluation.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a dataset before its model is measured: are the labels balanced and alike on both sides
 * of the split, and could something have told the model the answer? What is certain refuses (the
 * same prediction on both sides); what is only suspicious is said and left to a person
 * (inconclusive), since an input may honestly be that good.
 */
final class DataReview {
  /** Share of held-out rows that have a twin among the training rows, from which it is said. */
  static final double TWINS = 0.2;

  /** Share of training rows later than the first held-out one, from which it is said. */
  static final double LATER = 0.05;

  /** Difference of the positive share between the splits that is said, where significant. */
  static final double LABEL_SHIFT = 0.05;

  private static final double LEVEL = 0.001;

  private final List<String> inputs;
  private final List<LabelledRow> train = new ArrayList<>();
  private final List<LabelledRow> held = new ArrayList<>();
  private final List<Check> checks = new ArrayList<>();
  private final Map<String, Double> figures = new TreeMap<>();

  /**
   * What was found.
   *
   * @param figures by name, beginning with {@code data.}
   */
  record Findings(List<Check> checks, Map<String, Double> figures) {
    Findings {
      checks = List.copyOf(checks);
      figures = Map.copyOf(figures);
    }
  }

  private DataReview(List<Dataset> files, List<String> inputs) {
    this.inputs = inputs;
    for (Dataset file : files) {
      @Nullable String[] splits = file.texts("split");
      double[] labels = file.numbers("label");
      for (int row = 0; row < file.rows(); row++) {
        if (Double.isFinite(labels[row])) {
          LabelledRow place = new LabelledRow(file, row, labels[row]);
          if ("eval".equals(splits[row])) {
            held.add(place);
          } else if ("train".equals(splits[row])) {
            train.add(place);
          }
        }
      }
    }
  }

  /**
   * Reviews.
   *
   * @param files the dataset, at least one file
   * @param inputs the columns that the model reads, all of them there
   */
  static Findings of(List<Dataset> files, List<String> inputs) {
    DataReview review = new DataReview(files, inputs);
    if (!review.train.isEmpty() && !review.held.isEmpty()) {
      review.split();
      review.twins();
      InputPower power = new InputPower(review.train, review.held, inputs);
      if (review.binary()) {
        review.labels();
        review.checks.add(power.binary(review.figures));
      } else {
        review.checks.add(power.numeric(review.figures));
      }
    }
    return new Findings(review.checks, review.figures);
  }

  private boolean binary() {
    return train.stream().allMatch(each -> each.label() == 0 || each.label() == 1)
        && held.stream().allMatch(each -> each.label() == 0 || each.label() == 1);
  }

  /** The same prediction must not be on both sides; time and entities are reported. */
  private void split() {
    Dataset first = held.getFirst().file();
    if (first.has("prediction_id")) {
      Set<Object> known = values(train, "prediction_id");
      long both = held.stream().filter(each -> known.contains(each.value("prediction_id"))).count();
      checks.add(
          new Check(
              "leakage predictions",
              both == 0 ? Outcome.PASSED : Outcome.FAILED,
              both + " predictions are among the training rows and among the held-out ones"));
      figures.put("data.leakage.predictions", (double) both);
    }
    double laterShare = 0;
    if (first.has("moment")) {
      double from = held.stream().mapToDouble(DataReview::moment).min().orElse(0);
      double later = train.stream().filter(each -> moment(each) >= from).count();
      laterShare = later / train.size();
      figures.put("data.leakage.train_after_held_out.share", laterShare);
      checks.add(
          new Check(
              "leakage time",
              laterShare < LATER ? Outcome.PASSED : Outcome.INCONCLUSIVE,
              "%s of the training rows are later than the first held-out one%s"
                  .formatted(
                      percent(laterShare),
                      laterShare < LATER
                          ? ""
                          : ": rows of one time may know each other's answer")));
    }
    groups(first, laterShare < LATER);
  }

  /**
   * Who or what is on both sides. It is the custom where the held-out rows are the later ones;
   * where they are not, one row of an entity may tell the answer of another.
   */
  private void groups(Dataset first, boolean splitByTime) {
    List<String> found = new ArrayList<>();
    long all = 0;
    for (Column column : first.columns()) {
      String name = column.name();
      if (!name.startsWith("entity.")) {
        continue;
      }
      Set<Object> known = values(train, name);
      Set<Object> shared = values(held, name);
      shared.retainAll(known);
      long rows = held.stream().filter(each -> shared.contains(each.value(name))).count();
      figures.put("data." + name + ".seen_in_training.share", rows / (double) held.size());
      figures.put("data." + name + ".shared", (double) shared.size());
      all += shared.size();
      found.add("%d of %s (%d held-out rows)".formatted(shared.size(), name, rows));
    }
    if (!found.isEmpty()) {
      boolean suspicious = all > 0 && !splitByTime;
      checks.add(
          new Check(
              "leakage groups",
              suspicious ? Outcome.INCONCLUSIVE : Outcome.PASSED,
              "on both sides: "
                  + String.join(", ", found)
                  + (suspicious ? "; rows of one may know each other's answer" : "")));
    }
  }

  private static double moment(LabelledRow place) {
    return place.value("moment") instanceof Number number ? number.doubleValue() : 0;
  }

  private static Set<Object> values(List<LabelledRow> places, String column) {
    Set<Object> values = new HashSet<>();
    for (LabelledRow place : places) {
      Object value = place.value(column);
      if (value != null) {
        values.add(value);
      }
    }
    return values;
  }

  /**
   * Held-out rows whose inputs are, one and all, those of a training row: all are looked at, since
   * a sample of both sides would miss most pairs.
   */
  private void twins() {
    long[] known = train.stream().mapToLong(this::hash).sorted().toArray();
    long twins = held.stream().filter(each -> Arrays.binarySearch(known, hash(each)) >= 0).count();
    double share = twins / (double) held.size();
    figures.put("data.leakage.twins", (double) twins);
    figures.put("data.leakage.twins.share", share);
    checks.add(
        new Check(
            "leakage twins",
            share < TWINS ? Outcome.PASSED : Outcome.INCONCLUSIVE,
            "%d of %d held-out rows (%s) equal a training row in all %d inputs"
                .formatted(twins, held.size(), percent(share), inputs.size())));
  }

  /**
   * Of all inputs, in 64 bits: among a million rows two unlike ones are alike once in 10^7 times.
   */
  private long hash(LabelledRow place) {
    long hash = 0;
    for (String input : inputs) {
      long bits =
          switch (place.value(input)) {
            case Number value -> Double.doubleToLongBits(value.doubleValue());
            case null -> 1;
            case Object value -> bits(value.toString());
          };
      hash = mixed(hash ^ mixed(bits));
    }
    return hash;
  }

  private static long bits(String text) {
    long bits = text.length();
    for (int i = 0; i < text.length(); i++) {
      bits = mixed(bits ^ text.charAt(i));
    }
    return bits;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014) behind its increment. */
  private static long mixed(long bits) {
    long z = bits + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private void labels() {
    long before = train.stream().filter(each -> each.label() == 1).count();
    long now = held.stream().filter(each -> each.label() == 1).count();
    double then = before / (double) train.size();
    double share = now / (double) held.size();
    double rarer = Math.min(then, 1 - then);
    double p = Proportions.zTest(before, train.size(), now, held.size()).pValue();
    figures.put("data.label.train.share", then);
    figures.put("data.label.eval.share", share);
    figures.put("data.label.shift.p", p);
    boolean shifted = p < LEVEL && Math.abs(share - then) >= LABEL_SHIFT;
    String ratio = rarer == 0 ? "one class only" : oneDigit((1 - rarer) / rarer) + " to 1";
    checks.add(
        new Check(
            "labels",
            shifted ? Outcome.INCONCLUSIVE : Outcome.PASSED,
            "positive: %s of %d training rows (%s), %s of %d held-out rows, p = %s%s"
                .formatted(
                    percent(then),
                    train.size(),
                    ratio,
                    percent(share),
                    held.size(),
                    number(p),
                    shifted ? "; the label itself has moved" : "")));
  }

  private static String percent(double share) {
    return oneDigit(100 * share) + " %";
  }

  private static String oneDigit(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
