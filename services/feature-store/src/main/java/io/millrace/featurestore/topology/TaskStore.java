// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;

/** What a task keeps, by keys in unsigned byte order. Not thread-safe. */
public interface TaskStore {
  byte @Nullable [] get(byte[] key);

  void put(byte[] key, byte[] value);

  void delete(byte[] key);

  /** Writes all of them; null deletes. */
  void putAll(List<KeyValue<Bytes, byte[]>> entries);

  /** Entries from one key to another, both inclusive. To be closed. */
  KeyValueIterator<Bytes, byte[]> range(byte[] from, byte[] to);
}
