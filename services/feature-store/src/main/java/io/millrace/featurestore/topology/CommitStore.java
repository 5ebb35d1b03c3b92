// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * A RocksDB store with a changelog that calls its processor before each commit. The processor keeps
 * changed values as objects and writes them here, and to the backends, once per commit; what the
 * hook puts is part of the transaction, and when it throws nothing is committed.
 *
 * <p>Streams calls {@link StateStore#flush} only after a commit, but {@link
 * CachedStateStore#flushCache} before it, between the last record and the flush of the producer.
 * That interface is internal to Kafka; the golden topology and the restart test would notice its
 * change.
 */
final class CommitStore implements TaskStore, StateStore, CachedStateStore<byte[], byte[]> {
  private final KeyValueStore<Bytes, byte[]> inner;
  private @Nullable Runnable hook;

  CommitStore(KeyValueStore<Bytes, byte[]> inner) {
    this.inner = inner;
  }

  static StoreBuilder<CommitStore> named(String name) {
    return new Builder(name);
  }

  /** What to do before each commit; set by the one processor that owns the store. */
  void beforeCommit(Runnable action) {
    hook = action;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return inner.get(Bytes.wrap(key));
  }

  @Override
  public void put(byte[] key, byte[] value) {
    inner.put(Bytes.wrap(key), value);
  }

  @Override
  public void delete(byte[] key) {
    inner.delete(Bytes.wrap(key));
  }

  @Override
  public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
    if (!entries.isEmpty()) {
      inner.putAll(entries);
    }
  }

  @Override
  public KeyValueIterator<Bytes, byte[]> range(byte[] from, byte[] to) {
    return inner.range(Bytes.wrap(from), Bytes.wrap(to));
  }

  @Override
  public void flushCache() {
    if (hook != null) {
      hook.run();
    }
  }

  @Override
  public boolean setFlushListener(
      CacheFlushListener<byte[], byte[]> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public void clearCache() {
    // Nothing is cached here; the processor's objects go with the processor.
  }

  @Override
  public String name() {
    return inner.name();
  }

  @Override
  public void init(StateStoreContext context, StateStore root) {
    inner.init(context, root);
  }

  @Override
  public void commit(Map<TopicPartition, Long> changelogOffsets) {
    inner.commit(changelogOffsets);
  }

  @Override
  public @Nullable Long committedOffset(TopicPartition partition) {
    return inner.committedOffset(partition);
  }

  @Override
  public boolean managesOffsets() {
    return inner.managesOffsets();
  }

  @Override
  public void close() {
    inner.close();
  }

  @Override
  public boolean persistent() {
    return inner.persistent();
  }

  @Override
  public boolean isOpen() {
    return inner.isOpen();
  }

  private static final class Builder implements StoreBuilder<CommitStore> {
    private final StoreBuilder<KeyValueStore<Bytes, byte[]>> inner;

    Builder(String name) {
      inner =
          Stores.keyValueStoreBuilder(
                  Stores.persistentKeyValueStore(name), Serdes.Bytes(), Serdes.ByteArray())
              .withCachingDisabled()
              .withLoggingEnabled(Map.of());
    }

    @Override
    public StoreBuilder<CommitStore> withCachingEnabled() {
      throw new UnsupportedOperationException("the processor is the cache");
    }

    @Override
    public StoreBuilder<CommitStore> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<CommitStore> withLoggingEnabled(Map<String, String> config) {
      inner.withLoggingEnabled(config);
      return this;
    }

    @Override
    public StoreBuilder<CommitStore> withLoggingDisabled() {
      throw new UnsupportedOperationException("without a changelog a crash would lose state");
    }

    @Override
    public CommitStore build() {
      return new CommitStore(inner.build());
    }

    @Override
    public Map<String, String> logConfig() {
      return inner.logConfig();
    }

    @Override
    public boolean loggingEnabled() {
      return inner.loggingEnabled();
    }

    @Override
    public String name() {
      return inner.name();
    }
  }
}
