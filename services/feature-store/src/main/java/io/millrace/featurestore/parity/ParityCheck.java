// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.parity;

import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.view.Generation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Recomputes served vectors from history: the state of version {@code n} is made of the first
 * {@code n} events, read at the vector's moment; equal means bit-equal. Thread-safe.
 */
public final class ParityCheck {
  private final HistoryStore history;

  public ParityCheck(HistoryStore history) {
    this.history = history;
  }

  /**
   * A vector as it was served.
   *
   * @param states {@code view:key} → version
   * @param features {@code view.feature} → value; only these are compared, a null means missing
   */
  public record Served(
      Map<String, Long> states, long momentMs, Map<String, @Nullable Object> features) {}

  /**
   * A difference.
   *
   * @param recomputed null where missing
   */
  public record Mismatch(
      String feature, @Nullable Object served, @Nullable Object recomputed, String state) {}

  /** What is to be recomputed for one view and key: vectors by version. */
  private record Subject(String view, String key) {}

  /**
   * Compares vectors.
   *
   * @return per vector its mismatches; none means equal
   * @throws io.millrace.featurestore.history.StoreUnavailableException where history does not
   *     answer
   */
  public List<List<Mismatch>> check(Generation generation, List<Served> vectors) {
    List<List<Mismatch>> mismatches = new ArrayList<>();
    Map<Subject, TreeMap<Long, List<Integer>>> wanted = new HashMap<>();
    for (int i = 0; i < vectors.size(); i++) {
      mismatches.add(new ArrayList<>());
      int vector = i;
      vectors
          .get(i)
          .states()
          .forEach(
              (state, version) -> {
                int colon = state.indexOf(':');
                wanted
                    .computeIfAbsent(
                        new Subject(state.substring(0, colon), state.substring(colon + 1)),
                        absent -> new TreeMap<>())
                    .computeIfAbsent(version, absent -> new ArrayList<>())
                    .add(vector);
              });
    }
    wanted.forEach(
        (subject, versions) -> {
          Generation.Place place = generation.find(subject.view());
          if (place != null) {
            replay(generation, place, subject, versions, vectors, mismatches);
          }
        });
    return mismatches;
  }

  private void replay(
      Generation generation,
      Generation.Place place,
      Subject subject,
      TreeMap<Long, List<Integer>> versions,
      List<Served> vectors,
      List<List<Mismatch>> mismatches) {
    ViewPlan plan = place.plan();
    ViewState state = plan.newState();
    TreeMap<Long, List<Integer>> left = new TreeMap<>(versions);
    compare(plan, subject, state, left.remove(0L), vectors, mismatches);
    if (left.isEmpty()) {
      return;
    }
    long last = left.lastKey();
    history.read(
        HistoryKey.of(generation.app(), place.group(), subject.key()),
        row -> {
          plan.update(state, row.event().fields(), row.event().eventTimeMs());
          compare(plan, subject, state, left.remove(row.seq()), vectors, mismatches);
          return row.seq() < last;
        });
    left.forEach(
        (version, without) -> {
          for (int vector : without) {
            mismatches
                .get(vector)
                .add(
                    new Mismatch(
                        subject.view(),
                        "state " + version,
                        "history ends before it",
                        subject.view() + ":" + subject.key()));
          }
        });
  }

  private static void compare(
      ViewPlan plan,
      Subject subject,
      ViewState state,
      @Nullable List<Integer> indices,
      List<Served> vectors,
      List<List<Mismatch>> mismatches) {
    if (indices == null) {
      return;
    }
    @Nullable Object[] values = new Object[plan.size()];
    for (int index : indices) {
      Served served = vectors.get(index);
      plan.read(state, served.momentMs(), values, 0);
      for (int i = 0; i < values.length; i++) {
        String name = subject.view() + "." + plan.featureNames().get(i);
        if (served.features().containsKey(name) && !same(served.features().get(name), values[i])) {
          mismatches
              .get(index)
              .add(
                  new Mismatch(
                      name,
                      served.features().get(name),
                      values[i],
                      subject.view() + ":" + subject.key()));
        }
      }
    }
  }

  /** Numbers by the bits of their double value, so that JSON's 1 and 1.0 are the same. */
  static boolean same(@Nullable Object a, @Nullable Object b) {
    if (a instanceof Number x && b instanceof Number y) {
      return Double.doubleToLongBits(x.doubleValue()) == Double.doubleToLongBits(y.doubleValue());
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      if (x.size() != y.size()) {
        return false;
      }
      for (int i = 0; i < x.size(); i++) {
        if (!same(x.get(i), y.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      return x.keySet().equals(y.keySet())
          && x.keySet().stream().allMatch(key -> same(x.get(key), y.get(key)));
    }
    return Objects.equals(a, b);
  }
}
