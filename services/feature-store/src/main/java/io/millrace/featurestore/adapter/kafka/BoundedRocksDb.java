// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.kafka;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.WriteBufferManager;

/**
 * One block cache and one write buffer for all stores of the process, since there are several
 * stores per application and partition and each would otherwise take up to 98 MB.
 */
public final class BoundedRocksDb implements RocksDBConfigSetter {
  private static final long TOTAL_BYTES = 96L * 1024 * 1024;
  private static final long WRITE_BYTES = 48L * 1024 * 1024;
  private static final long WRITE_BUFFER_BYTES = 4L * 1024 * 1024;
  private static final int WRITE_BUFFERS = 2;

  /** For the life of the process; RocksDB's documentation asks for one object shared by all. */
  private static final class Shared {
    private static final Cache CACHE = new LRUCache(TOTAL_BYTES);
    private static final WriteBufferManager BUFFERS = new WriteBufferManager(WRITE_BYTES, CACHE);
  }

  @Override
  public void setConfig(String storeName, Options options, Map<String, Object> configs) {
    if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
      table.setBlockCache(Shared.CACHE);
      table.setCacheIndexAndFilterBlocks(true);
      options.setTableFormatConfig(table);
    }
    options.setWriteBufferManager(Shared.BUFFERS);
    options.setWriteBufferSize(WRITE_BUFFER_BYTES);
    options.setMaxWriteBufferNumber(WRITE_BUFFERS);
  }

  @Override
  public void close(String storeName, Options options) {
    // The shared cache and buffers outlive each store.
  }
}
