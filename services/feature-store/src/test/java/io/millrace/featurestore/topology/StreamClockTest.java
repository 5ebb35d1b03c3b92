// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class StreamClockTest {
  private final CommitStore store = new CommitStore(Stores.inMemoryKeyValueStore("clock").get());

  private StreamClock read(long from, long to) {
    StreamClock clock = new StreamClock(store);
    read(clock, from, to);
    return clock;
  }

  /** Each record is a second later than the one before. */
  private static void read(StreamClock clock, long from, long to) {
    for (long offset = from; offset <= to; offset++) {
      clock.at(offset);
      clock.advance(offset * 1_000);
    }
  }

  @Test
  void at_goesOnAfterWhatWasSaved_keepsItsTime() {
    read(0, 9).save();
    StreamClock clock = new StreamClock(store);

    clock.at(10);

    assertThat(clock.timeMs()).isEqualTo(9_000);
  }

  @Test
  void at_recordsComeAgain_goesBackToTheLastCommit() {
    StreamClock clock = read(0, 9);
    clock.save();
    read(clock, 10, 19);
    clock.save();

    // The second commit failed, and so did the one after the restart.
    for (int restart = 0; restart < 2; restart++) {
      clock = new StreamClock(store);
      clock.at(10);
      assertThat(clock.timeMs()).isEqualTo(9_000);
      read(clock, 11, 25 + restart);
      clock.save();
    }
    clock = new StreamClock(store);
    clock.at(27);
    assertThat(clock.timeMs()).isEqualTo(26_000);
  }

  @Test
  void at_firstCommitFailed_beginsAnew() {
    read(0, 9).save();
    StreamClock clock = new StreamClock(store);

    clock.at(0);

    assertThat(clock.timeMs()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void save_nothingRead_writesNothing() {
    StreamClock clock = read(0, 9);
    clock.save();
    // A commit of others: the one before has succeeded, and nothing of this one is at stake.
    clock.save();
    read(clock, 10, 11);
    clock.save();
    clock = new StreamClock(store);

    clock.at(10);

    assertThat(clock.timeMs()).isEqualTo(9_000);
  }

  @Test
  void advance_olderEvent_staysWhereItIs() {
    StreamClock clock = read(0, 9);

    clock.at(10);
    clock.advance(3_000);

    assertThat(clock.timeMs()).isEqualTo(9_000);
  }
}
