// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.adapter.kafka;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.OutcomeLabelled;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.common.topic.Topic;
import io.millrace.common.topic.Topics;
import io.millrace.trainer.run.VerdictWait;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/** How far data has come in, by the last records of each partition. */
public final class KafkaNewestMoments implements VerdictWait.NewestMoments {
  /** Records are nearly in order of time, so that the newest is among the last few. */
  private static final long TAIL = 200;

  private final TopicReader reader;

  public KafkaNewestMoments(KafkaSettings settings) {
    reader = new TopicReader(settings);
  }

  @Override
  public OptionalLong label(String app) {
    return newest(new Topics(app).labels(), OutcomeLabelled::momentMs);
  }

  @Override
  public OptionalLong event(String app, String event) {
    return newest(new Topics(app).events(event), Event::eventTimeMs);
  }

  private <T> OptionalLong newest(Topic<String, T> topic, ToLongFunction<T> time) {
    long[] newest = {Long.MIN_VALUE};
    reader.readTail(
        topic.name(),
        TAIL,
        record -> {
          T value =
              topic
                  .valueSerde()
                  .deserializer()
                  .deserialize(topic.name(), record.headers(), record.value());
          if (value != null) {
            newest[0] = Math.max(newest[0], time.applyAsLong(value));
          }
        });
    return newest[0] == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(newest[0]);
  }
}
