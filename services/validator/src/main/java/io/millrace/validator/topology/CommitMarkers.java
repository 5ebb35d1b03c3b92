// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Tells a processor, just before each commit, which of its keys have changed since the last one, so
 * that it can write in one go what it keeps in memory. Streams has no such hook of its own; but a
 * store with caching passes each changed key to the store below it before the offsets are
 * committed. This is that store below: it keeps nothing and calls the processor. Should the cache
 * be full or switched off, the call comes early, which costs time and is right all the same.
 */
final class CommitMarkers {
  static final String STORE = "changed";

  private final Map<TaskId, Below> tasks = new ConcurrentHashMap<>();

  /** The store to put a key into when it changes; its value means nothing. */
  StoreBuilder<KeyValueStore<String, byte[]>> builder() {
    KeyValueBytesStoreSupplier supplier =
        new KeyValueBytesStoreSupplier() {
          @Override
          public String name() {
            return STORE;
          }

          @Override
          public KeyValueStore<Bytes, byte[]> get() {
            return new Below();
          }

          @Override
          public String metricsScope() {
            return "millrace-commit-markers";
          }
        };
    return Stores.keyValueStoreBuilder(supplier, Serdes.String(), Serdes.ByteArray())
        .withLoggingDisabled()
        .withCachingEnabled();
  }

  /** Sets who is called for a task; its stores are initialised before its processors. */
  void listen(TaskId task, Consumer<String> beforeCommit) {
    Below below = tasks.get(task);
    if (below == null) {
      throw new IllegalStateException("no store '" + STORE + "' for task " + task);
    }
    below.listener = beforeCommit;
  }

  private final class Below implements KeyValueStore<Bytes, byte[]> {
    private volatile Consumer<String> listener = key -> {};
    private @Nullable TaskId task;
    private volatile boolean open;

    @Override
    public String name() {
      return STORE;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
      task = context.taskId();
      tasks.put(task, this);
      context.register(root, (key, value) -> {});
      open = true;
    }

    @Override
    public void put(Bytes key, byte[] value) {
      listener.accept(Serdes.String().deserializer().deserialize(STORE, key.get()));
    }

    @Override
    public byte @Nullable [] putIfAbsent(Bytes key, byte[] value) {
      put(key, value);
      return null;
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
      entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte @Nullable [] delete(Bytes key) {
      return null;
    }

    @Override
    public byte @Nullable [] get(Bytes key) {
      return null;
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
      return all();
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
      return new Nothing();
    }

    @Override
    public long approximateNumEntries() {
      return 0;
    }

    @Override
    public boolean persistent() {
      return false;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
      if (task != null) {
        tasks.remove(task, this);
      }
    }
  }

  private record Nothing() implements KeyValueIterator<Bytes, byte[]> {
    @Override
    public boolean hasNext() {
      return false;
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
      throw new NoSuchElementException();
    }

    @Override
    public Bytes peekNextKey() {
      throw new NoSuchElementException();
    }

    @Override
    public void close() {}
  }
}
