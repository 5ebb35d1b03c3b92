// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.contract.OutcomeLabelled.Provenance;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.label.LabelRule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LabelTopologyTest {
  private static final String APP = "shop";
  private static final long MINUTE = 60_000;
  private static final long T = Definitions.T0;

  private final TopologyFixture fixture = new TopologyFixture(APP);
  private TestOutputTopic<String, OutcomeLabelled> labels;

  private void start(ApplicationDefinition definition) {
    LabelRule rule = Objects.requireNonNull(LabelRule.of(definition));
    fixture.run(
        new LabelTopology(rule, Set.of(), fixture.with, TopologyFixture.ALL_DRAINED).get(),
        "shop-feature-store-labels");
    labels = fixture.harness().output(fixture.topics.labels());
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Event impression(String id, long timeMs) {
    return Definitions.impression(APP, id, "u1", "a", timeMs, 1);
  }

  private static Event click(String id, String impressionId, long timeMs) {
    return Definitions.click(APP, id, impressionId, "u1", "a", timeMs);
  }

  private List<String> taken() {
    fixture.pass(Duration.ofMillis(50));
    return labels.readValuesToList().stream()
        .map(
            label ->
                label.predictionId()
                    + " "
                    + label.value()
                    + " "
                    + label.provenance()
                    + " "
                    + label.revision())
        .toList();
  }

  @Test
  void describe_shop_isTheGoldenOne() throws IOException {
    start(Definitions.shop(APP));
    LabelRule rule = Objects.requireNonNull(LabelRule.of(Definitions.shop(APP)));
    String description =
        new LabelTopology(rule, Set.of(), fixture.with, TopologyFixture.ALL_DRAINED)
            .get()
            .describe()
            .toString()
            .strip();
    try (InputStream golden =
        Objects.requireNonNull(getClass().getResourceAsStream("/golden/label-topology-shop.txt"))) {
      assertThat(description)
          .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }

  @Test
  void positive_insideWindow_isObservedAtOnce() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    fixture.send(click("c1", "i1", T + 30 * MINUTE));

    assertThat(taken()).containsExactly("i1 1.0 OBSERVED 1");
  }

  @Test
  void positive_oneMillisecondTooLate_staysNegative() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    fixture.send(click("c1", "i1", T + 30 * MINUTE + 1));
    fixture.send(impression("i2", T + 40 * MINUTE + 1));

    assertThat(taken()).containsExactly("i1 0.0 IMPLICIT_NEGATIVE 1");
  }

  @Test
  void window_anEventDatedAhead_closesNoneBeforeItsTime() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    Event ahead = impression("i2", T + 23 * 60 * MINUTE);
    fixture.send(
        new Event(APP, ahead.name(), ahead.id(), "u1", ahead.eventTimeMs(), T, ahead.data()));
    assertThat(taken()).isEmpty();
    fixture.send(click("c1", "i1", T + 5 * MINUTE));
    assertThat(taken()).containsExactly("i1 1.0 OBSERVED 1");

    fixture.send(impression("i3", T + 23 * 60 * MINUTE));
    fixture.send(click("c2", "i2", T + 23 * 60 * MINUTE + 5 * MINUTE));
    assertThat(taken()).containsExactly("i2 1.0 OBSERVED 1");
  }

  @Test
  void window_streamTimeExactlyAtItsEnd_isStillOpen() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    fixture.send(impression("i2", T + 40 * MINUTE));

    assertThat(taken()).isEmpty();
  }

  @Test
  void positive_afterClosing_isACorrection() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    fixture.send(impression("i2", T + 41 * MINUTE));
    assertThat(taken()).containsExactly("i1 0.0 IMPLICIT_NEGATIVE 1");
    fixture.send(click("c1", "i1", T + 5 * MINUTE));

    assertThat(taken()).containsExactly("i1 1.0 CORRECTION 2");
  }

  @Test
  void positive_afterItsLabelIsForgotten_correctsNothingAndIsCounted() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    // Kept for a day, the longer of that and the window with its lateness, from when the earliest
    // window closes that could hold the click.
    fixture.send(impression("i2", T + (24 * 60 + 10) * MINUTE));
    fixture.send(click("c1", "i1", T));
    assertThat(taken()).containsExactly("i1 0.0 IMPLICIT_NEGATIVE 1", "i1 1.0 CORRECTION 2");
    assertThat(tally(LabelProcessor.LATE_OUTCOMES)).isZero();

    fixture.send(impression("i3", T));
    assertThat(taken()).as("the click is forgotten").contains("i3 0.0 IMPLICIT_NEGATIVE 1");
    assertThat(tally(LabelProcessor.LATE_MOMENTS)).isEqualTo(1);

    fixture.send(impression("i4", T + 31 * 24 * 60 * MINUTE));
    taken();
    fixture.send(click("c3", "i3", T));
    assertThat(taken()).isEmpty();
    assertThat(tally(LabelProcessor.LATE_OUTCOMES)).isEqualTo(1);
  }

  private long tally(String name) {
    return fixture.with.board().of("shop-feature-store-labels").tallies().getOrDefault(name, 0L);
  }

  @Test
  void positive_afterClosingBeforeTheSweep_givesTheSameTwoLabels() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    fixture.send(impression("i2", T + 41 * MINUTE));
    fixture.send(click("c1", "i1", T + 5 * MINUTE));

    assertThat(taken()).containsExactly("i1 0.0 IMPLICIT_NEGATIVE 1", "i1 1.0 CORRECTION 2");
  }

  @Test
  void positive_beforeItsMomentArrives_isObserved() {
    start(Definitions.shop(APP));
    fixture.send(click("c1", "i1", T + MINUTE));
    fixture.send(impression("i1", T));

    assertThat(taken()).containsExactly("i1 1.0 OBSERVED 1");
  }

  @Test
  void process_duplicates_labelOnce() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    fixture.send(impression("i1", T));
    fixture.send(click("c1", "i1", T + MINUTE));
    fixture.send(click("c1", "i1", T + MINUTE));

    assertThat(taken()).containsExactly("i1 1.0 OBSERVED 1");
  }

  @Test
  void moments_afterLabelling_holdTheLatestRevision() {
    start(Definitions.shop(APP));
    fixture.send(impression("i1", T));
    fixture.send(impression("i2", T + 41 * MINUTE));
    taken();
    fixture.send(click("c1", "i1", T + 5 * MINUTE));

    var moment =
        fixture.stores.moments.values().stream()
            .filter(each -> each.id().equals("i1"))
            .findFirst()
            .orElseThrow();
    assertThat(moment.label()).isNotNull();
    assertThat(moment.label().value()).isEqualTo(1.0);
    assertThat(moment.label().revision()).isEqualTo(2);
    assertThat(moment.entities()).isEqualTo(Map.of("item", "a", "user", "u1"));
  }

  @Test
  void value_knownLater_isEmittedWhenStreamTimeReachesIt() {
    start(
        Definitions.shop(
            APP,
            new LabelDefinition("cheap", "impression", null, "price < 10.0", "1h", null, null),
            "1h"));
    fixture.send(impression("i1", T));
    assertThat(taken()).isEmpty();
    fixture.send(impression("i2", T + Definitions.HOUR));

    assertThat(taken()).containsExactly("i1 1.0 OBSERVED 1");
  }

  @Test
  void label_ofATracedEvent_carriesItsTrace() {
    start(Definitions.shop(APP));
    RecordHeaders headers = new RecordHeaders();
    String trace = "0af7651916cd43dd8448eb211c80319c";
    headers.add(
        "traceparent",
        ("00-" + trace + "-b7ad6b7169203331-01").getBytes(StandardCharsets.US_ASCII));
    fixture
        .harness()
        .input(fixture.topics.events("impression"))
        .pipeInput(new TestRecord<>("u1", impression("i1", T), headers));
    fixture.send(click("c1", "i1", T + MINUTE));

    Header carried = labels.readRecord().headers().lastHeader("traceparent");
    assertThat(new String(carried.value(), StandardCharsets.US_ASCII)).contains(trace);
  }

  @Test
  void labels_randomOrders_equalTheOracle() {
    start(Definitions.reorders(APP));
    Random random = new Random(11);
    List<Event> arrivals = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      long time = T + i * 2 * MINUTE - random.nextInt(9) * MINUTE;
      // Several lines of one order share their time, and a few customers have most of the orders.
      String customer = "c" + (int) Math.floor(Math.pow(random.nextDouble(), 3) * 40);
      for (int line = random.nextInt(3); line >= 0; line--) {
        arrivals.add(Definitions.order(APP, "o" + i + "-" + line, customer, time, line));
      }
    }
    arrivals.add(Definitions.order(APP, "end", "nobody", T + 10_000 * MINUTE, 0));
    arrivals.forEach(fixture::send);
    fixture.pass(Duration.ofMillis(50));
    Map<String, OutcomeLabelled> last = new TreeMap<>();
    int revisions = 0;
    for (OutcomeLabelled label : labels.readValuesToList()) {
      OutcomeLabelled before = last.put(label.predictionId(), label);
      assertThat(label.revision()).isEqualTo(before == null ? 1 : before.revision() + 1);
      revisions++;
    }

    Map<String, Double> expected = new HashMap<>();
    for (Event moment : arrivals) {
      boolean again =
          arrivals.stream()
              .anyMatch(
                  other ->
                      other.key().equals(moment.key())
                          && other.eventTimeMs() > moment.eventTimeMs() + Definitions.HOUR
                          && other.eventTimeMs() <= moment.eventTimeMs() + 10 * Definitions.HOUR);
      expected.put(moment.id(), again ? 1.0 : 0.0);
    }
    expected.remove("end");
    Map<String, Double> actual = new HashMap<>();
    last.forEach((id, label) -> actual.put(id, label.value()));
    assertThat(actual).isEqualTo(expected);
    assertThat(revisions).isEqualTo(last.size());
    assertThat(last.values())
        .extracting(OutcomeLabelled::provenance)
        .contains(Provenance.OBSERVED, Provenance.IMPLICIT_NEGATIVE);
  }
}
