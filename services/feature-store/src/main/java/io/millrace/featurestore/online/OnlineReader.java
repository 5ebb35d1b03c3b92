// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.features.view.FeatureStatus;
import io.millrace.features.view.ViewPlan;
import io.millrace.features.view.ViewState;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.view.FeatureSet;
import io.millrace.featurestore.view.Generation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads feature vectors of entities as of a moment: one request to the online store, states decoded
 * and finalised here. An entity key that no event has named reads like one whose windows are empty;
 * a row without a key of a view's entity has that view's features missing. Thread-safe.
 */
public final class OnlineReader {
  private final OnlineStore store;
  private final Duration deadline;

  /**
   * @param deadline after which a read gives up
   */
  public OnlineReader(OnlineStore store, Duration deadline) {
    this.store = store;
    this.deadline = deadline;
  }

  /**
   * One answer, in the order of the feature set's names.
   *
   * @param values Double, String, List or Map; null where the status is not {@code PRESENT}
   * @param states {@code view:key} → version of the state that was read; 0 for an unknown key
   * @param ageMs moment minus the state's greatest event time; null without events
   */
  public record Row(
      List<@Nullable Object> values,
      List<FeatureStatus> status,
      Map<String, Long> states,
      List<@Nullable Long> ageMs) {}

  /** A view of a key. */
  private record Slot(int view, String key) {}

  /** A view of a key at a moment. */
  private record Question(Slot slot, long asOfMs) {}

  /** The state of a slot; version 0 and no events for an unknown key. */
  private record Loaded(ViewState state, long seq, long lastEventTimeMs) {}

  private record ViewRow(
      @Nullable Object[] values, FeatureStatus[] status, @Nullable Long ageMs, long seq) {}

  /**
   * Reads.
   *
   * @param rows entity → key, as they are in events
   * @param asOfMs moment of each row
   * @throws StoreUnavailableException where the store is away or too slow
   */
  public List<Row> read(FeatureSet features, List<Map<String, String>> rows, List<Long> asOfMs) {
    Map<Slot, Integer> slots = new LinkedHashMap<>();
    List<byte[]> keys = new ArrayList<>();
    for (Map<String, String> row : rows) {
      for (int view = 0; view < features.views().size(); view++) {
        Generation.Place place = features.views().get(view);
        String key = row.get(place.group().entity());
        if (key != null && slots.putIfAbsent(new Slot(view, key), keys.size()) == null) {
          keys.add(
              OnlineRecord.key(
                  features.generation().app(),
                  features.generation().hash(),
                  place.plan().viewName(),
                  key));
        }
      }
    }
    List<byte @Nullable []> found = keys.isEmpty() ? List.of() : fetch(keys);
    Map<Slot, Loaded> loaded = new HashMap<>();
    slots.forEach(
        (slot, index) ->
            loaded.put(slot, load(features.views().get(slot.view()).plan(), found.get(index))));
    Map<Question, ViewRow> known = new HashMap<>();
    List<Row> answers = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      answers.add(row(features, rows.get(i), asOfMs.get(i), loaded, known));
    }
    return answers;
  }

  private List<byte @Nullable []> fetch(List<byte[]> keys) {
    try {
      return store.read(keys).toCompletableFuture().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StoreUnavailableException("the online store: " + cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new StoreUnavailableException(
          "the online store did not answer within " + deadline.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while reading the online store", e);
    }
  }

  private static Loaded load(ViewPlan plan, byte @Nullable [] bytes) {
    if (bytes == null) {
      return new Loaded(plan.newState(), 0, Long.MIN_VALUE);
    }
    OnlineRecord record = OnlineRecord.of(bytes);
    return new Loaded(plan.decode(record.state()), record.seq(), record.lastEventTimeMs());
  }

  private static ViewRow viewRow(ViewPlan plan, Loaded loaded, long asOfMs) {
    @Nullable Object[] values = new Object[plan.size()];
    FeatureStatus[] status = new FeatureStatus[plan.size()];
    plan.read(loaded.state(), asOfMs, values, 0);
    plan.readStatus(loaded.state(), asOfMs, status, 0);
    Long ageMs = loaded.seq() == 0 ? null : asOfMs - loaded.lastEventTimeMs();
    return new ViewRow(values, status, ageMs, loaded.seq());
  }

  private static Row row(
      FeatureSet features,
      Map<String, String> entities,
      long asOfMs,
      Map<Slot, Loaded> loaded,
      Map<Question, ViewRow> known) {
    Map<String, Long> states = new TreeMap<>();
    @Nullable ViewRow[] views = new ViewRow[features.views().size()];
    for (int view = 0; view < views.length; view++) {
      Generation.Place place = features.views().get(view);
      String key = entities.get(place.group().entity());
      if (key != null) {
        Slot slot = new Slot(view, key);
        ViewRow found =
            known.computeIfAbsent(
                new Question(slot, asOfMs),
                question ->
                    viewRow(place.plan(), Objects.requireNonNull(loaded.get(slot)), asOfMs));
        views[view] = found;
        states.put(place.plan().viewName() + ":" + key, found.seq());
      }
    }
    List<@Nullable Object> values = new ArrayList<>();
    List<FeatureStatus> status = new ArrayList<>();
    List<@Nullable Long> ages = new ArrayList<>();
    for (FeatureSet.Column column : features.columns()) {
      ViewRow view = views[column.view()];
      values.add(view == null ? null : view.values()[column.feature()]);
      status.add(view == null ? FeatureStatus.MISSING : view.status()[column.feature()]);
      ages.add(view == null ? null : view.ageMs());
    }
    return new Row(values, status, states, ages);
  }
}
