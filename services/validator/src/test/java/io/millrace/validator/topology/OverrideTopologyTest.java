// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.common.contract.DataVerdict.Status;
import io.millrace.common.contract.Event;
import io.millrace.common.topic.Topics;
import io.millrace.testkit.topology.TopologyHarness;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** People answer for findings: of one span, of all, up to a share. */
final class OverrideTopologyTest {
  private static final Topics TOPICS = new Topics("shop");
  private static final long HOUR_MS = 3_600_000;
  private static final int ROWS = 200;

  /** Six hours; in the fourth and the fifth a tenth of the rows breaks the rule. */
  private static Map<Integer, DataVerdict> judged(String overrides) {
    try (TopologyHarness harness =
        TopologyHarness.of(
            new ValidatorTopology(
                    Shop.definition("shop", "1h", overrides),
                    new SilentMetrics(),
                    (app, event, name, status, traceparent) -> new RecordHeaders(),
                    Timing.DEFAULT)
                .get(),
            "shop-validator",
            Instant.EPOCH)) {
      var topic = harness.input(TOPICS.events("view"));
      long number = 0;
      for (int hour = 0; hour < 7; hour++) {
        for (int i = 0; i < ROWS; i++) {
          Event event = Shop.view("shop", number++, hour * HOUR_MS + i * HOUR_MS / ROWS);
          boolean broken = (hour == 3 || hour == 4) && i % 10 == 0;
          Event sent = broken ? Shop.with(event, "price", 200_000.0) : event;
          topic.pipeInput(sent.key(), sent);
        }
      }
      for (int i = 0; i < 3; i++) {
        harness.advanceWallClock(Duration.ofSeconds(5));
      }
      Map<Integer, DataVerdict> verdicts = new TreeMap<>();
      harness
          .output(TOPICS.dataVerdicts())
          .readKeyValuesToMap()
          .values()
          .forEach(each -> verdicts.put((int) (each.startMs() / HOUR_MS), each));
      return verdicts;
    }
  }

  private static Anomaly rule(DataVerdict verdict) {
    return verdict.anomalies().stream()
        .filter(each -> each.kind().equals("RULE"))
        .findFirst()
        .orElseThrow();
  }

  private static String override(String more) {
    return "{\"kind\": \"RULE\", \"by\": \"ada\", \"reason\": \"a fair\"%s}".formatted(more);
  }

  private static final String OTHERS =
      """
      , {"kind": "FLOAT_TYPE_BIG_FLOAT", "severity": "WARNING", "by": "ada", "reason": "a fair"},
        {"kind": "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH", "severity": "WARNING", "by": "ada",
         "reason": "a fair"},
        {"kind": "UNIT_CHANGE", "severity": "WARNING", "by": "ada", "reason": "a fair"}\
      """;

  @Test
  void noOverride_bothSpansAreBad() {
    Map<Integer, DataVerdict> verdicts = judged("");
    assertThat(verdicts.get(3).status()).isEqualTo(Status.BAD);
    assertThat(verdicts.get(4).status()).isEqualTo(Status.BAD);
    assertThat(rule(verdicts.get(3)).severity()).isEqualTo("ERROR");
  }

  @Test
  void overrideOfOneSpan_letsExactlyThatSpanPassAndSaysWhoAndWhy() {
    String span = "\"span\": \"1970-01-01T03:00:00Z\"";
    String others = OTHERS.replace("\"by\"", span + ", \"by\"");
    Map<Integer, DataVerdict> verdicts =
        judged(override(", \"severity\": \"MUTED\", " + span) + others);
    assertThat(verdicts.get(3).status())
        .as("%s", verdicts.get(3).anomalies())
        .isEqualTo(Status.GOOD);
    assertThat(rule(verdicts.get(3)).severity()).isEqualTo("MUTED");
    assertThat(rule(verdicts.get(3)).message()).contains("ada", "a fair", "not ERROR");
    assertThat(verdicts.get(4).status()).as("the next one stops again").isEqualTo(Status.BAD);
    assertThat(verdicts.get(5).status()).isEqualTo(Status.GOOD);
  }

  @Test
  void lastingOverride_holdsUpToItsShare() {
    String within = override(", \"severity\": \"WARNING\", \"rule\": \"sane\", \"mostShare\": 0.2");
    assertThat(judged(within + OTHERS).values())
        .allSatisfy(
            each -> assertThat(each.status()).as("%s", each.anomalies()).isEqualTo(Status.GOOD));
    String beyond = override(", \"severity\": \"WARNING\", \"mostShare\": 0.05");
    assertThat(judged(beyond + OTHERS).get(3).status()).isEqualTo(Status.BAD);
    String stricter =
        "{\"kind\": \"DATASET_LOW_NUM_EXAMPLES\", \"severity\": \"ERROR\", \"by\": \"ada\","
            + " \"reason\": \"strict\", \"event\": \"buy\"}";
    assertThat(judged(stricter).get(2).status()).as("of another event").isEqualTo(Status.GOOD);
  }
}
