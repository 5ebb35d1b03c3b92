// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.parity;

import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryStore;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

  /** How far a vector could be recomputed. */
  public enum Reach {
    /** All of it. */
    WHOLE,
    /** A state is ahead of its history: the history is not written yet, or not any more. */
    AHEAD,
    /** The budget was spent before. */
    CUT
  }

  /**
   * What became of a vector.
   *
   * @param ahead the state that is ahead of its history, with its version; null without
   * @param compared names of the features that were compared
   */
  public record Finding(
      Reach reach, @Nullable String ahead, List<String> compared, List<Mismatch> mismatches) {}

  /** A vector while it is being checked. */
  private static final class Open {
    private final Served served;
    private final List<String> compared = new ArrayList<>();
    private final List<Mismatch> mismatches = new ArrayList<>();
    private Reach reach = Reach.WHOLE;
    private @Nullable String ahead;

    Open(Served served) {
      this.served = served;
    }
  }

  /** A state of a vector. */
  private record Question(Open vector, Generation.Place place, String name) {}

  /** Whose history, of which group. */
  private record Subject(FeatureGroup group, HistoryKey key) {}

  /**
   * Brings what is committed into the history.
   *
   * @see io.millrace.featurestore.history.Settling
   */
  @FunctionalInterface
  public interface Settled {
    /**
     * Waits until it is there.
     *
     * @throws IllegalStateException where that does not go on
     */
    void await(String app) throws InterruptedException;
  }

  /**
   * Compares vectors. Where a state is ahead of its history, that is waited for; if it still is
   * then, it is a mismatch.
   *
   * @return per vector its mismatches; none means equal
   * @throws IllegalStateException where the history does not get complete
   * @throws io.millrace.featurestore.history.StoreUnavailableException where history does not
   *     answer
   */
  public List<List<Mismatch>> check(Generation generation, List<Served> vectors, Settled settled)
      throws InterruptedException {
    List<Finding> findings =
        check(generation, vectors, new Replays(0, Long.MAX_VALUE, Long.MAX_VALUE));
    if (findings.stream().anyMatch(finding -> finding.ahead() != null)) {
      settled.await(generation.app());
      findings = check(generation, vectors, new Replays(0, Long.MAX_VALUE, Long.MAX_VALUE));
    }
    List<List<Mismatch>> all = new ArrayList<>();
    for (Finding finding : findings) {
      List<Mismatch> mismatches = new ArrayList<>(finding.mismatches());
      if (finding.ahead() != null) {
        mismatches.add(ahead(finding.ahead()));
      }
      all.add(mismatches);
    }
    return all;
  }

  /** The mismatch of a state without the history that it was made of. */
  static Mismatch ahead(String state) {
    return new Mismatch(
        state.substring(0, Math.max(0, state.indexOf(':'))),
        "state " + state,
        "history ends before it",
        state);
  }

  /**
   * Compares vectors as far as a budget goes.
   *
   * @param replays states to go on from; the caller's own while this runs
   * @return a finding per vector
   * @throws io.millrace.featurestore.history.StoreUnavailableException where history does not
   *     answer
   */
  List<Finding> check(Generation generation, List<Served> vectors, Replays replays) {
    List<Open> open = new ArrayList<>();
    Map<Subject, TreeMap<Long, List<Question>>> wanted = new LinkedHashMap<>();
    for (Served vector : vectors) {
      Open each = new Open(vector);
      open.add(each);
      vector.states().forEach((state, version) -> ask(generation, each, state, version, wanted));
    }
    wanted.forEach((subject, versions) -> replay(generation, subject, versions, replays));
    return open.stream()
        .map(each -> new Finding(each.reach, each.ahead, each.compared, each.mismatches))
        .toList();
  }

  private static void ask(
      Generation generation,
      Open vector,
      String state,
      long version,
      Map<Subject, TreeMap<Long, List<Question>>> wanted) {
    int colon = state.indexOf(':');
    Generation.Place place = generation.find(state.substring(0, colon));
    if (place != null) {
      FeatureGroup group = place.group();
      HistoryKey key = HistoryKey.of(generation.app(), group, state.substring(colon + 1));
      wanted
          .computeIfAbsent(new Subject(group, key), absent -> new TreeMap<>())
          .computeIfAbsent(version, absent -> new ArrayList<>())
          .add(new Question(vector, place, state));
    }
  }

  private void replay(
      Generation generation,
      Subject subject,
      TreeMap<Long, List<Question>> versions,
      Replays replays) {
    GroupState state =
        replays.from(generation.hash(), subject.key(), subject.group(), versions.firstKey());
    compare(state, versions.remove(state.seq()));
    boolean[] cut = {!versions.isEmpty() && !replays.look()};
    if (!versions.isEmpty() && !cut[0]) {
      long last = versions.lastKey();
      history.read(
          subject.key(),
          state.seq(),
          row -> {
            if (!replays.take()) {
              cut[0] = true;
              return false;
            }
            subject.group().apply(state, row.event().fields(), row.event().eventTimeMs());
            compare(state, versions.remove(row.seq()));
            return row.seq() < last;
          });
    }
    replays.keep(generation.hash(), subject.key(), state);
    versions.forEach(
        (version, questions) ->
            questions.forEach(
                question -> {
                  Open vector = question.vector();
                  if (cut[0]) {
                    vector.reach = Reach.CUT;
                  } else {
                    vector.reach = vector.reach == Reach.CUT ? Reach.CUT : Reach.AHEAD;
                    vector.ahead = question.name() + "#" + version;
                  }
                }));
  }

  private static void compare(GroupState state, @Nullable List<Question> questions) {
    if (questions == null) {
      return;
    }
    for (Question question : questions) {
      ViewPlan plan = question.place().plan();
      Served served = question.vector().served;
      @Nullable Object[] values = new Object[plan.size()];
      plan.read(state.view(question.place().index()), served.momentMs(), values, 0);
      for (int i = 0; i < values.length; i++) {
        String name = plan.viewName() + "." + plan.featureNames().get(i);
        if (served.features().containsKey(name)) {
          question.vector().compared.add(name);
          Object value = served.features().get(name);
          if (!same(value, values[i])) {
            question.vector().mismatches.add(new Mismatch(name, value, values[i], question.name()));
          }
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
