// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JoinClockTest {
  private static final long IDLE_MS = JoinClock.IDLE.toMillis();

  private final Set<Integer> drained = new HashSet<>();
  private final JoinClock clock = new JoinClock(100, 3, drained::contains);

  @Test
  void advance_upstreamNotHeardSinceTheStart_staysWhereTheLastRunWas() {
    clock.heard(0, 5_000, 0);
    clock.heard(1, 4_000, 0);

    assertThat(clock.advance(10 * IDLE_MS)).isEqualTo(100);
  }

  @Test
  void advance_allHeard_isTheLeast() {
    clock.heard(0, 5_000, 0);
    clock.heard(1, 4_000, 0);
    clock.heard(2, 300, 0);
    assertThat(clock.timeMs()).isEqualTo(300);

    clock.heard(2, 4_500, 1);
    assertThat(clock.timeMs()).isEqualTo(4_000);
  }

  @Test
  void advance_silentButNotDrained_holdsTheOthersBack() {
    clock.heard(0, 5_000, 0);
    clock.heard(1, 4_000, 0);
    clock.heard(2, 300, 0);
    clock.heard(0, 9_000, 10 * IDLE_MS);
    clock.heard(1, 8_000, 10 * IDLE_MS);

    assertThat(clock.timeMs()).isEqualTo(300);
  }

  @Test
  void advance_drainedAndSilentOrNeverHeard_doesNotHoldTheOthersBack() {
    drained.add(1);
    drained.add(2);
    clock.heard(0, 5_000, 0);
    assertThat(clock.timeMs()).isEqualTo(5_000);

    clock.heard(1, 200, 1);
    clock.heard(0, 6_000, 2);
    assertThat(clock.timeMs()).as("heard a moment ago; never back").isEqualTo(5_000);

    clock.heard(0, 7_000, 2 * IDLE_MS);
    assertThat(clock.timeMs()).isEqualTo(7_000);
  }

  @Test
  void advance_allDrainedAndSilent_isTheGreatest() {
    drained.addAll(Set.of(0, 1, 2));
    clock.heard(1, 4_000, 0);
    clock.heard(0, 5_000, 0);

    assertThat(clock.timeMs()).isEqualTo(4_000);
    assertThat(clock.advance(IDLE_MS)).isEqualTo(5_000);
  }
}
