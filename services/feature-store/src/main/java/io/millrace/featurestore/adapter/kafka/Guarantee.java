// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import org.apache.kafka.streams.StreamsConfig;

/** What a crash may do to features. */
public enum Guarantee {
  /**
   * Nothing: states, emitted answers and tallies are as if it had not been. What is emitted can be
   * read after the next commit.
   */
  EXACTLY_ONCE_V2(StreamsConfig.EXACTLY_ONCE_V2),
  /**
   * Events since the last commit, a few seconds of them, may count twice and be answered twice;
   * nothing is lost. What is emitted can be read at once, and events reach the entities that they
   * are not keyed by at once.
   */
  AT_LEAST_ONCE(StreamsConfig.AT_LEAST_ONCE);

  private final String setting;

  Guarantee(String setting) {
    this.setting = setting;
  }

  /** Kafka's word for it. */
  String setting() {
    return setting;
  }
}
