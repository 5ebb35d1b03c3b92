// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.adapter.kafka;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.contract.AlertRaised;
import io.millrace.common.contract.DriftDetected;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.monitor.loop.Announcements;
import java.time.Duration;

/** Announces on the application's topics and waits until each record is durable. */
public final class TopicAnnouncements implements Announcements {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Publisher publisher;
  private final Topics topics;

  public TopicAnnouncements(Publisher publisher, String app) {
    this.publisher = publisher;
    this.topics = new Topics(app);
  }

  @Override
  public void drift(DriftDetected drift) {
    publish(topics.drift(), drift.subject(), drift);
  }

  @Override
  public void alert(AlertRaised alert) {
    publish(topics.alerts(), alert.alertId(), alert);
  }

  @Override
  public void training(TrainingRequested request) {
    publish(topics.training(), request.runId(), request);
  }

  @Override
  public void model(ModelVersionChanged version) {
    publish(topics.models(), version.version(), version);
  }

  private <V> void publish(Topic<String, V> topic, String key, V value) {
    publisher.publish(topic, key, value, TIMEOUT);
  }
}
