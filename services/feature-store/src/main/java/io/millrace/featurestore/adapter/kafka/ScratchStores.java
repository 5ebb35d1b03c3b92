// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import io.millrace.featurestore.topology.TaskStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

/**
 * Stores for as long as a piece of work takes, all in one RocksDB: larger than memory, and not made
 * to survive anything. Not thread-safe.
 */
final class ScratchStores implements AutoCloseable {
  private static final int NUMBER_BYTES = Short.BYTES;

  private final Options options = new Options().setCreateIfMissing(true);
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private final RocksDB db;
  private short opened;

  /**
   * @param folder there already, and empty
   */
  ScratchStores(Path folder) {
    RocksDB.loadLibrary();
    new BoundedRocksDb().setConfig("scratch", options, Map.of());
    try {
      db = RocksDB.open(options, folder.toString());
    } catch (RocksDBException e) {
      options.close();
      unlogged.close();
      throw failed(e);
    }
  }

  private static IllegalStateException failed(RocksDBException cause) {
    return new IllegalStateException("scratch store: " + cause.getMessage(), cause);
  }

  /** Opens a store, empty; at most {@value Short#MAX_VALUE} of them. */
  TaskStore open() {
    if (opened == Short.MAX_VALUE) {
      throw new IllegalStateException("too many scratch stores");
    }
    return new Store(opened++);
  }

  @Override
  public void close() {
    db.close();
    options.close();
    unlogged.close();
  }

  private final class Store implements TaskStore {
    private final byte[] prefix;

    Store(short number) {
      prefix = ByteBuffer.allocate(NUMBER_BYTES).putShort(number).array();
    }

    private byte[] in(byte[] key) {
      byte[] whole = Arrays.copyOf(prefix, NUMBER_BYTES + key.length);
      System.arraycopy(key, 0, whole, NUMBER_BYTES, key.length);
      return whole;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      try {
        return db.get(in(key));
      } catch (RocksDBException e) {
        throw failed(e);
      }
    }

    @Override
    public void put(byte[] key, byte[] value) {
      try {
        db.put(unlogged, in(key), value);
      } catch (RocksDBException e) {
        throw failed(e);
      }
    }

    @Override
    public void delete(byte[] key) {
      try {
        db.delete(unlogged, in(key));
      } catch (RocksDBException e) {
        throw failed(e);
      }
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
      for (KeyValue<Bytes, byte[]> entry : entries) {
        if (entry.value == null) {
          delete(entry.key.get());
        } else {
          put(entry.key.get(), entry.value);
        }
      }
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(byte[] from, byte[] to) {
      return new Range(db.newIterator(), in(from), in(to));
    }
  }

  /** Entries between two keys of a store, without its prefix. */
  private static final class Range implements KeyValueIterator<Bytes, byte[]> {
    private final RocksIterator at;
    private final byte[] to;

    Range(RocksIterator at, byte[] from, byte[] to) {
      this.at = at;
      this.to = to;
      at.seek(from);
    }

    @Override
    public boolean hasNext() {
      if (at.isValid()) {
        return Arrays.compareUnsigned(at.key(), to) <= 0;
      }
      try {
        at.status();
      } catch (RocksDBException e) {
        throw failed(e);
      }
      return false;
    }

    @Override
    public Bytes peekNextKey() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      byte[] key = at.key();
      return Bytes.wrap(Arrays.copyOfRange(key, NUMBER_BYTES, key.length));
    }

    @Override
    public KeyValue<Bytes, byte[]> next() {
      KeyValue<Bytes, byte[]> next = KeyValue.pair(peekNextKey(), at.value());
      at.next();
      return next;
    }

    @Override
    public void close() {
      at.close();
    }
  }
}
