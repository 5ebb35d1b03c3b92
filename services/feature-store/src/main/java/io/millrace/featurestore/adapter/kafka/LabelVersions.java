// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.featurestore.adapter.kafka.ApplicationStreams.Settings;
import io.millrace.featurestore.label.LabelRule;
import io.millrace.featurestore.topology.LabelTopology;
import io.millrace.featurestore.view.GenerationStore.Active;
import io.millrace.featurestore.view.GenerationStore.Kind;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Rules of an application's labels. */
final class LabelVersions implements Rollover.Versions<LabelRule> {
  /**
   * All that one fetch may bring, so that a poll leaves nothing of it behind. Records of one topic
   * that stay in the consumer do not count as its lag, and the task would read the other topic on
   * without them: days of event time in a replay, after which their labels are decided.
   */
  private static final int POLL_RECORDS = 1_000_000;

  /** Bounds what a poll brings. */
  private static final int FETCH_BYTES_MAX = 8 << 20;

  private final String app;
  private final Settings settings;
  private final StreamsStarter starter;

  LabelVersions(String app, Settings settings, StreamsStarter starter) {
    this.app = app;
    this.settings = settings;
    this.starter = starter;
  }

  private static String name(String hash) {
    return "labels-" + hash;
  }

  @Override
  public String hash(LabelRule rule) {
    return rule.hash();
  }

  @Override
  public StreamsRun start(LabelRule rule, boolean isNext) {
    Set<String> reported =
        rule.definition().featureViews().values().stream()
            .map(view -> view.source())
            .collect(Collectors.toSet());
    Set<String> sources = starter.topics(rule.sources());
    DrainWatch drains = new DrainWatch(sources, System::nanoTime);
    Properties own = new Properties();
    own.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), POLL_RECORDS);
    own.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), FETCH_BYTES_MAX);
    return starter.start(
        name(rule.hash()),
        own,
        sources,
        new LabelTopology(rule, reported, settings.with(), drains).get(),
        drains,
        null);
  }

  /** Labels are read from the history only, which is shared. */
  @Override
  public boolean isServable(LabelRule rule) {
    return true;
  }

  @Override
  public void activated(LabelRule rule, boolean isNews) {
    if (isNews) {
      settings.generations().put(app, Kind.LABELS, new Active(rule.hash(), rule.definition()));
    }
  }

  @Override
  public String answering() {
    return settings.generations().find(app, Kind.LABELS).map(Active::hash).orElse("");
  }

  @Override
  public void ended() {
    // A commit waits for each moment and label that is written.
  }

  /** Removes what a rule has left. */
  void remove(String hash) {
    starter.remove(name(hash));
    settings.with().moments().delete(app, hash);
  }
}
