// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.EventSerde;
import io.millrace.datasets.ClassStage;
import io.millrace.datasets.Dataset;
import io.millrace.datasets.DatasetManifest;
import io.millrace.features.view.ViewPlan;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.history.HistoryKey;
import io.millrace.featurestore.history.HistoryRow;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which moments become rows, and on which side of the split. */
class DatasetBuilderTest {
  private static final long T = Definitions.T0;
  private static final long HOUR = Definitions.HOUR;

  @TempDir Path folder;

  private final InMemoryStores stores = new InMemoryStores();

  /** Orders again between 1 and 10 hours later; 10 minutes of lateness. */
  private final ApplicationDefinition definition = Definitions.reorders("orders");

  private final LabelRule rule = Objects.requireNonNull(LabelRule.of(definition));

  private void moment(int hour, int partition, @Nullable Provenance provenance) {
    String id = partition + "-" + hour;
    moment(
        Definitions.order("orders", id, "c" + partition, T + hour * HOUR, 1),
        partition,
        provenance);
  }

  private void moment(Event event, int partition, @Nullable Provenance provenance) {
    Map<String, String> entities = definition.entityKeys(event.data());
    stores.put(rule.hash(), partition, 0, event, entities, EventSerde.writeData(event.data()));
    if (provenance != null) {
      stores.label(
          rule.hash(),
          0,
          new OutcomeLabelled(
              "orders",
              event.id(),
              entities,
              event.eventTimeMs(),
              event.knownAtMs(),
              provenance == Provenance.IMPLICIT_NEGATIVE ? 0 : 1,
              provenance,
              1,
              null,
              event.eventTimeMs(),
              event.knownAtMs()));
    }
  }

  private DatasetManifest build(double evalShare) throws IOException, InterruptedException {
    return build(new DatasetRequest(null, null, null, evalShare));
  }

  private DatasetManifest build(DatasetRequest request) throws IOException, InterruptedException {
    return build(request, SpineFixture.kept(definition));
  }

  private DatasetManifest build(DatasetRequest request, KeptInputs inputs)
      throws IOException, InterruptedException {
    return new DatasetBuilder(
            stores, stores, SpineFixture.spines(folder), inputs, 1, Duration.ofMinutes(1), "test")
        .build(
            "ds-000000000000",
            new ApplicationApplied("orders", 1, "hash", 0, definition),
            Generation.of(definition),
            rule,
            request,
            folder,
            (phase, done, all) -> {});
  }

  private Dataset rows() {
    return Dataset.read(folder.resolve(DatasetBuilder.ROWS));
  }

  @Test
  void build_labelIsAnotherWhenAllIsRead_isNoDataset() {
    moment(1, 0, Provenance.OBSERVED);
    stores.closed("orders", rule.hash(), 0, T + 20 * HOUR);
    ApplicationDefinition changed = Definitions.shop("orders");
    assertThatThrownBy(
            () -> build(new DatasetRequest(null, null, null, 0.0), SpineFixture.kept(changed)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ask again");
    assertThat(folder.resolve("manifest.json")).doesNotExist();
  }

  @Test
  void build_windowsStillOpen_leavesOutTheirEarlyPositivesToo()
      throws IOException, InterruptedException {
    for (int hour = 0; hour < 20; hour++) {
      boolean again = hour % 2 == 0;
      boolean closed = hour < 10;
      moment(hour, 0, again ? Provenance.OBSERVED : closed ? Provenance.IMPLICIT_NEGATIVE : null);
      moment(hour, 1, again ? Provenance.OBSERVED : hour < 5 ? Provenance.CORRECTION : null);
    }
    stores.closed("orders", rule.hash(), 0, T + 20 * HOUR);
    stores.closed("orders", rule.hash(), 1, T + 15 * HOUR);

    DatasetManifest manifest = build(0);

    List<String> expected = new ArrayList<>();
    IntStream.range(0, 10).forEach(hour -> expected.add("0-" + hour));
    IntStream.range(0, 5).forEach(hour -> expected.add("1-" + hour));
    assertThat(rows().texts("prediction_id")).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(manifest.rows()).isEqualTo(15);
  }

  @Test
  void build_windowEndingExactlyAtTheStreamTime_isStillOpen()
      throws IOException, InterruptedException {
    moment(0, 0, Provenance.OBSERVED);
    moment(1, 0, Provenance.OBSERVED);
    stores.closed("orders", rule.hash(), 0, rule.closesAt(T + HOUR));

    build(0);

    assertThat(rows().texts("prediction_id")).containsExactly("0-0");
  }

  @Test
  void build_decidingEventFarBehindItsCustomer_hasNoValueLikeTheOneServed()
      throws IOException, InterruptedException {
    Generation generation = Generation.of(definition);
    FeatureGroup group = Objects.requireNonNull(generation.find("spend")).group();
    GroupState state = group.newState();
    for (int hour = 0; hour < 3; hour++) {
      happen(group, state, Definitions.order("orders", "e" + hour, "c0", T + hour * HOUR, 5));
    }
    Event before = Definitions.order("orders", "before", "c0", T - HOUR, 7);
    Event late = Definitions.order("orders", "late", "c0", T - 40 * HOUR, 7);
    for (Event event : List.of(before, late)) {
      Event known =
          new Event(
              "orders", "order", event.id(), "c0", event.eventTimeMs(), T + 3 * HOUR, event.data());
      moment(known, 0, Provenance.OBSERVED);
      happen(group, state, known);
    }
    stores.closed("orders", rule.hash(), 0, Long.MAX_VALUE);

    build(0);

    assertThat(rows().texts("prediction_id")).containsExactlyInAnyOrder("before", "late");
    double[] sums = rows().numbers("spend.sum_10h");
    @Nullable Object[] served = new Object[1];
    for (int row = 0; row < 2; row++) {
      ViewPlan plan = group.plans().getFirst();
      plan.read(state.view(0), rows().integers("moment")[row], served, 0);
      boolean isLate = rows().texts("prediction_id")[row].equals("late");
      assertThat(Double.isNaN(sums[row])).isEqualTo(isLate).isEqualTo(served[0] == null);
    }
    assertThat(sums).contains(7.0);
  }

  private void happen(FeatureGroup group, GroupState state, Event event) {
    group.apply(state, event.data(), event.eventTimeMs());
    stores.append(
        HistoryKey.of("orders", group, "c0"),
        new HistoryRow(
            state.seq(),
            event.id(),
            event.eventTimeMs(),
            event.knownAtMs(),
            EventSerde.writeData(event.data())));
  }

  @Test
  void build_timeSplit_trainsOnNothingThatTheEvaluationPeriodDecides()
      throws IOException, InterruptedException {
    for (int hour = 0; hour < 100; hour++) {
      moment(hour, 0, hour % 3 == 0 ? Provenance.OBSERVED : Provenance.IMPLICIT_NEGATIVE);
    }
    stores.closed("orders", rule.hash(), 0, Long.MAX_VALUE);

    DatasetManifest manifest = build(0.2);

    assertThat(manifest.splits())
        .containsExactlyInAnyOrderEntriesOf(Map.of("train", 70L, "embargo", 10L, "eval", 20L));
    Dataset rows = rows();
    for (int row = 0; row < rows.rows(); row++) {
      long moment = rows.integers("moment")[row];
      assertThat(rows.texts("split")[row])
          .isEqualTo(
              moment >= T + 80 * HOUR
                  ? "eval"
                  : moment + 10 * HOUR >= T + 80 * HOUR ? "embargo" : "train");
    }
  }

  /** 100 moments of which every fifth is positive; 16 of the 20 are in the hours from 80 on. */
  private void tilted() {
    for (int hour = 0; hour < 100; hour++) {
      boolean positive = hour < 80 ? hour % 20 == 0 : hour % 5 != 0;
      moment(hour, 0, positive ? Provenance.OBSERVED : Provenance.IMPLICIT_NEGATIVE);
    }
    stores.closed("orders", rule.hash(), 0, Long.MAX_VALUE);
  }

  private static Map<String, Long> rows(DatasetManifest manifest, String stage) {
    return Objects.requireNonNull(manifest.labels().stages()).stream()
        .filter(each -> each.stage().equals(stage))
        .findFirst()
        .orElseThrow()
        .rows();
  }

  @Test
  void build_spanLeftOut_countsItsClassesBeforeAndAfter() throws IOException, InterruptedException {
    tilted();

    DatasetManifest manifest =
        build(new DatasetRequest(T, null, List.of(List.of(T, T + 80 * HOUR)), 0.25));

    assertThat(rows(manifest, ClassStage.COLLECTED)).isEqualTo(Map.of("0", 80L, "1", 20L));
    assertThat(rows(manifest, ClassStage.ALLOWED)).isEqualTo(Map.of("0", 76L, "1", 4L));
    assertThat(rows(manifest, ClassStage.SAMPLED)).isEqualTo(Map.of("0", 76L, "1", 4L));
    // Ten hours before the held-out rows are under embargo.
    assertThat(rows(manifest, ClassStage.TRAIN)).isEqualTo(Map.of("0", 47L, "1", 3L));
    assertThat(rows(manifest, ClassStage.EVAL)).isEqualTo(Map.of("0", 19L, "1", 1L));
    assertThat(DatasetManifest.fromJson(manifest.toJson())).isEqualTo(manifest);
  }

  @Test
  void build_thinnedNegatives_carriesOriginalAndNewShares()
      throws IOException, InterruptedException {
    tilted();

    DatasetManifest manifest =
        build(
            new DatasetRequest(
                null, null, null, 0.0, null, null, null, null, null, 0.25, null, null));

    assertThat(rows(manifest, ClassStage.ALLOWED)).isEqualTo(Map.of("0", 80L, "1", 20L));
    long kept = rows(manifest, ClassStage.SAMPLED).get("0");
    assertThat(kept).isBetween(5L, 40L);
    ClassStage sampled = Objects.requireNonNull(manifest.labels().stages()).get(2);
    assertThat(sampled.rows()).containsEntry("1", 20L);
    assertThat(sampled.weights()).isEqualTo(Map.of("0", 4.0 * kept, "1", 20.0));
  }

  @Test
  void stages_labelOfManyValues_areNone() throws IOException {
    ClassTally tally = new ClassTally();
    for (int i = 0; i < ClassStage.MOST_CLASSES; i++) {
      tally.count(ClassStage.COLLECTED, i / 4.0, 1);
      tally.count(ClassStage.COLLECTED, Double.NaN, 1);
    }
    assertThat(Objects.requireNonNull(tally.stages()).getFirst().rows())
        .hasSize(ClassStage.MOST_CLASSES)
        .containsEntry("0.25", 1L)
        .containsEntry("3", 1L);
    tally.save(folder);
    assertThat(ClassTally.load(folder).stages()).isEqualTo(tally.stages());
    tally.count(ClassStage.COLLECTED, 1e9, 1);
    assertThat(tally.stages()).isNull();
    tally.save(folder);
    assertThat(ClassTally.load(folder).stages()).isNull();
    ClassTally.delete(folder);
    assertThat(ClassTally.load(folder).stages()).isNull();
  }
}
