// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.kafka;

import io.millrace.chassis.kafka.Publisher;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topics;
import io.millrace.trainer.run.ModelRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Model versions on {@code <app>.models}. What is decided on (the next number, whether a run has a
 * version) is read from the topic itself up to its end; what is shown comes from the state that the
 * subscription keeps.
 */
public final class KafkaModelRegistry implements ModelRegistry {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final TopicReader reader;
  private final Publisher publisher;
  private final Map<String, Map<String, ModelVersionChanged>> shown = new ConcurrentHashMap<>();

  public KafkaModelRegistry(KafkaSettings settings, Publisher publisher) {
    reader = new TopicReader(settings);
    this.publisher = publisher;
  }

  @Override
  public List<ModelVersionChanged> current(String app) {
    Topics topics = new Topics(app);
    Map<String, ModelVersionChanged> versions = new HashMap<>();
    reader.readAll(
        topics.models().name(),
        record -> {
          String key = new String(record.key(), StandardCharsets.UTF_8);
          ModelVersionChanged change =
              topics.models().valueSerde().deserializer().deserialize("", record.value());
          if (change == null) {
            versions.remove(key);
          } else {
            versions.put(key, change);
          }
        });
    return sorted(versions);
  }

  @Override
  public void publish(ModelVersionChanged change) {
    publisher.publish(new Topics(change.app()).models(), change.version(), change, TIMEOUT);
  }

  /** Takes a record of the subscription. */
  public void accept(ModelVersionChanged change) {
    shown
        .computeIfAbsent(change.app(), app -> new ConcurrentSkipListMap<>())
        .put(change.version(), change);
  }

  /** Forgets an application. */
  public void forget(String app) {
    shown.remove(app);
  }

  /** The versions as far as the subscription has come, in the order in which they began. */
  public List<ModelVersionChanged> shown(String app) {
    return sorted(shown.getOrDefault(app, Map.of()));
  }

  /** One version as far as the subscription has come. */
  public Optional<ModelVersionChanged> shown(String app, String version) {
    return Optional.ofNullable(shown.getOrDefault(app, Map.of()).get(version));
  }

  private static List<ModelVersionChanged> sorted(Map<String, ModelVersionChanged> versions) {
    List<ModelVersionChanged> list = new ArrayList<>(new TreeMap<>(versions).values());
    list.sort(
        Comparator.comparingLong(
            each -> each.transitions().isEmpty() ? 0 : each.transitions().getFirst().atMs()));
    return list;
  }
}
