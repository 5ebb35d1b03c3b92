// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.common.contract.SchemaDecided;
import io.millrace.common.serde.JsonSerde;
import java.util.List;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the second stage works on: rows, and people's decisions. */
sealed interface Work permits Chunk, Work.Decision {
  /** A decision about a schema. */
  record Decision(SchemaDecided decided) implements Work {
    private static final Logger LOG = LoggerFactory.getLogger(Decision.class);
    private static final JsonSerde<SchemaDecided> JSON = new JsonSerde<>(SchemaDecided.class);

    /** The decision in a record; none where the bytes are not one, which must not stop the rest. */
    static List<Work> of(byte @Nullable [] bytes) {
      try {
        SchemaDecided decided = JSON.fromBytes(bytes);
        return decided == null ? List.of() : List.of(new Decision(decided));
      } catch (SerializationException e) {
        LOG.warn("a decision about a schema cannot be read and is passed over", e);
        return List.of();
      }
    }
  }
}
