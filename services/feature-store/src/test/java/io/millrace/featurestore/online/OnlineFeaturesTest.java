// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.common.contract.Event;
import io.millrace.common.serde.Json;
import io.millrace.features.view.ByteWriter;
import io.millrace.features.view.FeatureStatus;
import io.millrace.featurestore.CountedMeasures;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.InMemoryStores;
import io.millrace.featurestore.OnlineRow;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.GroupState;
import io.millrace.featurestore.view.ServingGenerations;
import io.millrace.onlineapi.ColumnKind;
import io.millrace.onlineapi.ReadResponse;
import io.millrace.onlineapi.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OnlineFeaturesTest {
  private static final long T = Definitions.T0;
  private static final OnlineFeatures.Caller ANYBODY =
      new OnlineFeatures.Caller("anybody", "all", (app, feature) -> true, null);
  private static final List<String> NAMES =
      List.of(
          "user_impressions.n_1h",
          "user_impressions.price_mean_1d",
          "user_impressions.last_item",
          "item_impressions.n_1h",
          "item_clicks.n_1h");

  private final InMemoryStores stores = new InMemoryStores();
  private final Generation generation = Generation.of(Definitions.shop("shop"));
  private final ServingGenerations serving = new ServingGenerations();
  private final List<Map<String, @Nullable Object>> watched = new ArrayList<>();

  private final ServedRows watcher =
      new ServedRows() {
        @Override
        public boolean wants(String app, String key) {
          return key.equals("u1");
        }

        @Override
        public void served(
            String app,
            Map<String, Long> states,
            long momentMs,
            Map<String, @Nullable Object> features) {
          watched.add(features);
        }
      };

  private final Map<String, GroupState> states = new HashMap<>();

  @BeforeEach
  void fill() {
    serving.serve(generation);
    put(
        List.of(
            Definitions.impression("shop", "i1", "u1", "a", T, 1.5),
            Definitions.impression("shop", "i2", "u1", "b", T + 1000, 2),
            Definitions.impression("shop", "i3", "u2", "a", T + 2000, 4),
            Definitions.click("shop", "c1", "i1", "u1", "a", T + 3000)));
  }

  private void put(List<Event> events) {
    for (FeatureGroup group : generation.groups()) {
      for (Event event : events) {
        if (event.name().equals(group.source())) {
          String key = String.valueOf(event.data().get(group.entity()));
          GroupState state = states.computeIfAbsent(group.name() + key, absent -> group.newState());
          group.apply(state, event.data(), event.eventTimeMs());
          byte[] at = OnlineKey.of(OnlineKey.prefix(generation, group), key);
          stores.online.put(
              new String(at, StandardCharsets.UTF_8),
              OnlineRecord.encode(
                  state.seq(),
                  state.lastEventTimeMs(),
                  group.encodeBlocks(state, new ByteWriter())));
        }
      }
    }
  }

  private OnlineFeatures features(OnlineStore store, int readsMax, long valuesMax) {
    return features(new OnlineReader(store, 1 << 20), readsMax, valuesMax);
  }

  private OnlineFeatures features(OnlineReader reader, int readsMax, long valuesMax) {
    return new OnlineFeatures(
        serving,
        reader,
        new EntityKeys((app, field, key) -> "hash-of-" + key),
        new ReadGate(readsMax, valuesMax),
        new CountedMeasures(),
        watcher,
        Duration.ofSeconds(5));
  }

  private final OnlineFeatures features = features(stores, 4, 1_000_000);

  private static OnlineQuestion question(@Nullable Object[] users, @Nullable Object[] items) {
    long[] moments = new long[users.length];
    java.util.Arrays.fill(moments, T + 10_000);
    return new OnlineQuestion(null, NAMES, Map.of("user", users, "item", items), moments, false);
  }

  private static List<OnlineRow> rows(OnlineFeatures.Answer answer) {
    List<OnlineRow> rows = new ArrayList<>();
    for (int row = 0; row < answer.block().rows(); row++) {
      rows.add(OnlineRow.of(answer.block(), row));
    }
    return rows;
  }

  @Test
  void read_knownUnknownAndAbsentKeys_saysWhichIsWhich() {
    List<OnlineRow> rows =
        features.read(
            "shop",
            question(new Object[] {"u1", "nobody", null}, new Object[] {"a", null, "b"}),
            ANYBODY,
            OnlineFeaturesTest::rows);

    assertThat(rows.get(0).values()).containsExactly(2.0, 1.75, "b", 2.0, 1.0);
    assertThat(rows.get(0).ageMs()).containsExactly(9000L, 9000L, 9000L, 8000L, 7000L);
    assertThat(rows.get(0).states())
        .isEqualTo(
            Map.of("user_impressions:u1", 2L, "item_impressions:a", 2L, "item_clicks:a", 1L));
    assertThat(rows.get(1).values()).containsExactly(0.0, null, null, null, null);
    assertThat(rows.get(1).states()).isEqualTo(Map.of("user_impressions:nobody", 0L));
    assertThat(rows.get(2).status().subList(0, 3)).containsOnly(FeatureStatus.MISSING);
    assertThat(rows.get(2).values().get(3)).isEqualTo(1.0);
    assertThat(watched).hasSize(1);
    assertThat(watched.getFirst()).containsEntry("user_impressions.last_item", "b");
  }

  @Test
  void read_again_withOtherRows_holdsNothingOfTheReadBefore() {
    OnlineQuestion many = question(new Object[] {"u1", "u2"}, new Object[] {"a", "a"});
    OnlineQuestion one = question(new Object[] {"nobody"}, new Object[] {"nothing"});
    List<OnlineRow> fresh =
        features(stores, 4, 1_000_000).read("shop", one, ANYBODY, OnlineFeaturesTest::rows);

    features.read("shop", many, ANYBODY, OnlineFeaturesTest::rows);

    assertThat(features.read("shop", one, ANYBODY, OnlineFeaturesTest::rows)).isEqualTo(fresh);
  }

  @Test
  void read_againAtOtherMoments_equalsAReaderThatKeepsNothing() {
    OnlineFeatures anew = features(new OnlineReader(stores, 0), 4, 1_000_000);
    List<String> numbers = List.of("item_impressions.n_1h", "item_clicks.n_1h");
    Set<List<OnlineRow>> seen = new HashSet<>();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 800; i++) {
      if (i % 40 == 39) {
        // Some records are at hand, until they change or the store is silent.
        stores.atHand = key -> random.nextInt(4) > 0;
        long at = T + 50_000L * i;
        put(List.of(Definitions.click("shop", "c" + i, "i2", "u1", i % 80 == 39 ? "a" : "b", at)));
      }
      long moment = T + random.nextInt(5_000_000);
      OnlineQuestion question =
          new OnlineQuestion(
              null,
              numbers,
              Map.of("item", new Object[] {"a", "b", "nothing"}),
              new long[] {moment, moment, moment},
              false);

      List<OnlineRow> rows = features.read("shop", question, ANYBODY, OnlineFeaturesTest::rows);

      assertThat(rows).isEqualTo(anew.read("shop", question, ANYBODY, OnlineFeaturesTest::rows));
      seen.add(rows);
    }
    assertThat(seen.stream().map(rows -> rows.getFirst().values()).distinct())
        .as("windows fill and empty, and an event arrives")
        .hasSizeGreaterThan(3);
  }

  @Test
  void read_someOrAllRecordsAtHand_equalsAReadOfTheStore() {
    OnlineQuestion question =
        question(
            new Object[] {"u1", "nobody", null, "u2", "u1"},
            new Object[] {"a", null, "b", "nothing", "b"});
    List<OnlineRow> all = features.read("shop", question, ANYBODY, OnlineFeaturesTest::rows);
    for (int seed = 0; seed < 64; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      boolean isAll = seed == 0;
      stores.atHand = key -> isAll || random.nextBoolean();

      assertThat(features.read("shop", question, ANYBODY, OnlineFeaturesTest::rows)).isEqualTo(all);
    }
  }

  private ReadResponse wire(OnlineQuestion question, OnlineFeatures.Caller caller, long known)
      throws InvalidProtocolBufferException {
    Function<Object, byte[]> json = Json.mapper()::writeValueAsBytes;
    byte[] bytes =
        features.read("shop", question, caller, answer -> WireAnswer.write(answer, T, known, json));
    return ReadResponse.parseFrom(bytes);
  }

  @Test
  void wire_answer_isReadByTheGeneratedParser() throws InvalidProtocolBufferException {
    OnlineQuestion question =
        question(new Object[] {"u1", "nobody"}, new Object[] {"a", "nothing"});

    ReadResponse answer = wire(question, ANYBODY, 0);

    assertThat(answer.getNamesList()).isEqualTo(NAMES);
    assertThat(answer.getRows()).isEqualTo(2);
    assertThat(answer.getAsOfMs()).isEqualTo(T);
    assertThat(answer.getColumnKinds().toByteArray())
        .containsExactly(
            ColumnKind.INTEGERS_VALUE,
            ColumnKind.DOUBLES_VALUE,
            ColumnKind.TEXTS_VALUE,
            ColumnKind.INTEGERS_VALUE,
            ColumnKind.INTEGERS_VALUE);
    assertThat(answer.getIntegersList()).containsExactly(2L, 0L, 2L, 0L, 1L, 0L);
    assertThat(answer.getDoublesList()).containsExactly(1.75);
    assertThat(answer.getTextsList()).containsExactly("b");
    assertThat(answer.getStatus().toByteArray())
        .containsExactly(0, 0, 0, Status.MISSING_VALUE, 0, Status.MISSING_VALUE, 0, 0, 0, 0);
    assertThat(answer.getColumnGroupsList()).containsExactly(0, 0, 0, 1, 2);
    assertThat(answer.getAgesMsList()).containsExactly(9000L, 0L, 8000L, 0L, 7000L, 0L);
    assertThat(answer.getVersionsList()).containsExactly(2L, 0L, 2L, 0L, 1L, 0L);
  }

  @Test
  void read_momentFarBehindTheNewestEvent_isIncompleteWhereEventsMayBeGone()
      throws InvalidProtocolBufferException {
    long moment = T - Duration.ofDays(60).toMillis();
    OnlineQuestion question =
        new OnlineQuestion(
            null,
            NAMES,
            Map.of("user", new Object[] {"u1"}, "item", new Object[] {"a"}),
            new long[] {moment},
            false);

    for (int again = 0; again < 2; again++) {
      OnlineRow row = features.read("shop", question, ANYBODY, OnlineFeaturesTest::rows).getFirst();
      assertThat(row.status())
          .containsExactly(
              FeatureStatus.INCOMPLETE,
              FeatureStatus.INCOMPLETE,
              FeatureStatus.PRESENT,
              FeatureStatus.INCOMPLETE,
              FeatureStatus.INCOMPLETE);
      assertThat(row.values()).containsExactly(null, null, "b", null, null);
    }
    ReadResponse answer = wire(question, ANYBODY, 0);
    assertThat(answer.getStatus().toByteArray())
        .containsExactly(
            Status.INCOMPLETE_VALUE,
            Status.INCOMPLETE_VALUE,
            Status.PRESENT_VALUE,
            Status.INCOMPLETE_VALUE,
            Status.INCOMPLETE_VALUE);
    assertThat(answer.getIntegersList()).isEmpty();
    assertThat(answer.getTextsList()).containsExactly("b");
  }

  @Test
  void wire_layoutThatTheCallerKnows_leavesTheNamesOut() throws InvalidProtocolBufferException {
    OnlineQuestion question = question(new Object[] {"u1"}, new Object[] {"a"});
    ReadResponse first = wire(question, ANYBODY, 0);

    ReadResponse second = wire(question, ANYBODY, first.getLayout());

    assertThat(second.getNamesList()).isEmpty();
    assertThat(second.getStatus().isEmpty()).as("all present").isTrue();
    assertThat(second.getLayout()).isEqualTo(first.getLayout());
    assertThat(second.getIntegersList()).isEqualTo(first.getIntegersList());
  }

  @Test
  void read_callerWhoMayNotReadOne_isDeniedThatOneAndServedTheOthers()
      throws InvalidProtocolBufferException {
    OnlineFeatures.Caller some =
        new OnlineFeatures.Caller(
            "some", "some", (app, feature) -> !feature.equals("item_clicks.n_1h"), null);
    OnlineQuestion question = question(new Object[] {"u1"}, new Object[] {"a"});

    ReadResponse answer = wire(question, some, 0);

    assertThat(answer.getDeniedList()).containsExactly("item_clicks.n_1h");
    assertThat(answer.getStatus().toByteArray()).containsExactly(0, 0, 0, 0, Status.DENIED_VALUE);
    assertThat(answer.getIntegersList()).containsExactly(2L, 2L);
  }

  @Test
  void read_callerWhoMayReadNone_isDenied() {
    OnlineFeatures.Caller none =
        new OnlineFeatures.Caller("none", "none", (app, feature) -> false, null);

    assertThatThrownBy(
            () ->
                features.read(
                    "shop",
                    question(new Object[] {"u1"}, new Object[] {"a"}),
                    none,
                    OnlineFeaturesTest::rows))
        .isInstanceOf(DeniedException.class)
        .hasMessageContaining("item_clicks.n_1h");
  }

  @Test
  void read_unknownEntityOrTooManyRows_isRefusedNamingTheRule() {
    OnlineQuestion unknown =
        new OnlineQuestion(null, NAMES, Map.of("shop", new Object[] {"x"}), new long[] {T}, false);

    assertThatThrownBy(() -> features.read("shop", unknown, ANYBODY, OnlineFeaturesTest::rows))
        .isInstanceOfSatisfying(
            InvalidQuestionException.class, e -> assertThat(e.path()).isEqualTo("entities.shop"));
    assertThatThrownBy(() -> new OnlineQuestion(null, NAMES, Map.of(), new long[1001], false))
        .isInstanceOf(InvalidQuestionException.class);
    assertThatThrownBy(() -> new OnlineQuestion(null, NAMES, Map.of(), new long[0], false))
        .isInstanceOf(InvalidQuestionException.class);
  }

  /** A store that answers when told to. */
  private static final class Slow implements OnlineStore {
    final CompletableFuture<List<byte @Nullable []>> answer = new CompletableFuture<>();

    @Override
    public CompletionStage<Void> write(List<Put> puts) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<List<byte @Nullable []>> read(List<byte[]> keys) {
      return answer;
    }

    @Override
    public void deleteByPrefix(String prefix) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void read_storeThatDoesNotAnswer_givesUpAtTheCallersDeadlineAndLeavesTheGate() {
    OnlineFeatures slow = features(new Slow(), 1, 1_000_000);
    OnlineFeatures.Caller hasty =
        new OnlineFeatures.Caller("hasty", "all", (app, feature) -> true, Duration.ofMillis(5));
    OnlineQuestion question = question(new Object[] {"u1"}, new Object[] {"a"});

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> slow.read("shop", question, hasty, OnlineFeaturesTest::rows))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("5 ms");
    }
  }

  @Test
  void read_storeThatIsGone_saysSo() {
    Slow gone = new Slow();
    gone.answer.completeExceptionally(new IllegalStateException("not connected"));

    assertThatThrownBy(
            () ->
                features(gone, 1, 1_000_000)
                    .read(
                        "shop",
                        question(new Object[] {"u1"}, new Object[] {"a"}),
                        ANYBODY,
                        OnlineFeaturesTest::rows))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("not connected");
  }

  @Test
  void read_oneMoreThanTheGateLetsIn_isRefusedAtOnceAndServedAfterwards() {
    OnlineFeatures narrow = features(stores, 1, 1_000_000);
    OnlineQuestion question = question(new Object[] {"u1"}, new Object[] {"a"});

    narrow.read(
        "shop",
        question,
        ANYBODY,
        answer -> {
          assertThatThrownBy(() -> narrow.read("shop", question, ANYBODY, Objects::hash))
              .isInstanceOf(OverloadedException.class);
          return "";
        });

    assertThat(narrow.read("shop", question, ANYBODY, OnlineFeaturesTest::rows)).hasSize(1);
  }

  @Test
  void gate_moreValuesThanFit_waitsForNobodyAndLetsAGiantPassAlone() {
    ReadGate gate = new ReadGate(10, 100);
    gate.enter(1000);
    assertThatThrownBy(() -> gate.enter(1)).isInstanceOf(OverloadedException.class);
    gate.leave(1000);
    gate.enter(60);
    gate.enter(40);
    assertThatThrownBy(() -> gate.enter(1)).isInstanceOf(OverloadedException.class);
    gate.leave(40);
    gate.enter(1);
  }

  @Test
  void read_applicationThatDoesNotServeYet_saysSo() {
    assertThatThrownBy(
            () ->
                features.read(
                    "other",
                    question(new Object[] {"u1"}, new Object[] {"a"}),
                    ANYBODY,
                    OnlineFeaturesTest::rows))
        .isInstanceOf(NotServingException.class);
  }
}
