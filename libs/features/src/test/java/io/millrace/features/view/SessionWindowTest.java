// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.features.definition.EventSchema;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sessions of which some are not kept: what is left is whole, or is not given. */
final class SessionWindowTest {
  private static final long START = 1_700_000_000_000L;
  private static final long MINUTE = 60_000;

  private final ViewPlan plan =
      ViewPlan.compile(
          "v",
          new FeatureViewDefinition(
              "e",
              "k",
              null,
              Map.of("n", FeatureDefinition.of("count", null, "session 10m")),
              null,
              null),
          new EventSchema(Map.of(), false));
  private ViewState state = plan.newState();

  private void happen(long minute) {
    plan.update(state, Map.of(), START + minute * MINUTE);
    state = plan.decode(plan.encode(state));
  }

  /** The events of the session at a moment; null where that is not known. */
  private @Nullable Object at(long ms) {
    Object[] row = new Object[1];
    plan.read(state, START + ms, row, 0);
    FeatureStatus status = plan.status(state, 0, START + ms);
    assertThat(status).isEqualTo(row[0] == null ? FeatureStatus.INCOMPLETE : FeatureStatus.PRESENT);
    return row[0];
  }

  @Test
  void read_fiveSessions_areKnownButForTheFirst() {
    for (long minute = 0; minute <= 60; minute += 20) {
      happen(minute);
    }
    assertThat(at(-1)).as("nothing is dropped yet").isEqualTo(0.0);
    assertThat(at(0)).isEqualTo(1.0);
    happen(80);

    assertThat(at(-1)).isNull();
    assertThat(at(0)).isNull();
    assertThat(at(10 * MINUTE)).isNull();
    assertThat(at(10 * MINUTE + 1)).as("between two sessions").isEqualTo(0.0);
    for (long minute = 20; minute <= 80; minute += 20) {
      assertThat(at(minute * MINUTE)).isEqualTo(1.0);
    }
  }

  @Test
  void update_lateEventsThatJoinSessionsToOneThatIsGone_makeThemUnknownAndNoOther() {
    for (long minute = 0; minute <= 80; minute += 20) {
      happen(minute);
    }

    happen(10);
    assertThat(at(20 * MINUTE)).as("began before what is kept").isNull();
    assertThat(at(40 * MINUTE)).isEqualTo(1.0);
    happen(50);
    assertThat(at(60 * MINUTE)).as("two that are kept, joined").isEqualTo(3.0);
    happen(30);
    assertThat(at(60 * MINUTE)).isNull();
    happen(70);
    happen(85);
    assertThat(at(85 * MINUTE)).as("one session from the first event on").isNull();
    assertThat(at(95 * MINUTE + 1)).as("after its end").isEqualTo(0.0);
    happen(100);
    assertThat(at(100 * MINUTE)).isEqualTo(1.0);
  }

  @Test
  void update_lateEventOlderThanAllThatIsKept_isMissedOnlyThere() {
    for (long minute = 20; minute <= 80; minute += 20) {
      happen(minute);
    }

    happen(0);
    assertThat(at(0)).isNull();
    assertThat(at(20 * MINUTE)).isEqualTo(1.0);
    happen(-20);
    happen(5);
    assertThat(at(5 * MINUTE)).isNull();
    assertThat(at(20 * MINUTE)).isEqualTo(1.0);
  }
}
