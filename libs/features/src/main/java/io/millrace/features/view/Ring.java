// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The layout of one ring: its grid, and the partial aggregates of each tile. Immutable once the
 * plan is compiled.
 */
final class Ring {
  /** A ring of more tiles is stored in blocks. */
  private static final int LONG_RING = 8;

  private static final int MAX_BLOCK = 16;

  /** What an object of a tile takes when stored, roughly. */
  private static final int REF_BYTES = 16;

  /** A tile that may take more is a block by itself, so that an event rewrites no other. */
  private static final int LARGE_TILE = 4 * 1024;

  /** The time of no event in a cell. */
  static final long NO_TIME = Long.MIN_VALUE;

  final Grid grid;

  /** Events must meet this condition to have a tile here, −1 for all. */
  final int condition;

  private final List<Partial> collected = new ArrayList<>();
  private Partial[] partials = {};
  private CellKind[] kinds = {};

  /** The cells of a tile without events. */
  private long[] empties = {};

  private int refs;

  /** Whether every event concerns some partial. */
  private boolean unconditional;

  private TileCodec codec;
  private final List<SlidingDistinctPartial> distinct = new ArrayList<>();

  /** Tiles are stored in blocks of 2^this many keys; −1 where the ring is stored in one piece. */
  private int blockShift = -1;

  Ring(Grid grid, int condition) {
    this.grid = grid;
    this.condition = condition;
    if (grid instanceof Grid.Session) {
      kinds = new CellKind[] {CellKind.TIME};
      empties = new long[] {NO_TIME};
    }
    codec = new TileCodec(partials, kinds, empties);
  }

  String identity() {
    return grid.identity() + "/" + condition;
  }

  /** The partial of this ring that equals {@code wanted}, added if there is none. */
  <P extends Partial> P share(P wanted) {
    for (Partial partial : collected) {
      if (partial.identity().equals(wanted.identity())) {
        @SuppressWarnings("unchecked") // equal identities name the class
        P same = (P) partial;
        return same;
      }
    }
    int cells = kinds.length;
    wanted.place(cells, refs);
    kinds = Arrays.copyOf(kinds, cells + wanted.cellCount());
    empties = Arrays.copyOf(empties, kinds.length);
    for (int i = 0; i < wanted.cellCount(); i++) {
      kinds[cells + i] = wanted.kind(i);
      empties[cells + i] = wanted.empty(i);
    }
    refs += wanted.refCount();
    collected.add(wanted);
    unconditional |= wanted.condition < 0;
    if (wanted instanceof SlidingDistinctPartial values) {
      values.place(distinct.size());
      distinct.add(values);
    }
    partials = collected.toArray(Partial[]::new);
    codec = new TileCodec(partials, kinds, empties);
    return wanted;
  }

  /** Its partials in words that are equal for equal layouts. */
  String describe() {
    return collected.stream().map(Partial::identity).toList().toString();
  }

  /** The most bytes that one tile takes when written. */
  long mostTileBytes() {
    return collected.stream().mapToLong(Partial::mostBytes).sum();
  }

  /** The most bytes that some of its partials take when written, in all tiles. */
  long mostBytes(Collection<? extends Partial> some) {
    long bytes = 0;
    for (Partial partial : some) {
      bytes += grid.capacity() * partial.mostBytes();
      if (partial instanceof SlidingDistinctPartial values) {
        bytes += values.mostRingBytes(reach());
      }
    }
    return bytes;
  }

  /** The most bytes that it takes when written. */
  long mostBytes() {
    return (1L + grid.capacity()) * Partial.NUMBER_BYTES + mostBytes(collected);
  }

  private int reach() {
    return grid instanceof Grid.Fixed fixed ? fixed.reach() : 0;
  }

  Tiles newTiles() {
    int reach = reach();
    return new Tiles(
        grid.capacity(),
        kinds.length,
        refs,
        distinct.stream().map(values -> values.create(reach)).toArray(SlidingDistinct[]::new));
  }

  /** How many sets of distinct values it keeps. */
  int distinctCount() {
    return distinct.size();
  }

  /** A single cleared slot to merge into. */
  Tiles newAccumulator() {
    Tiles tiles = new Tiles(1, kinds.length, refs);
    tiles.insert(0, 0);
    clear(tiles, 0);
    return tiles;
  }

  void clear(Tiles tiles, int slot) {
    System.arraycopy(empties, 0, tiles.cells, slot * tiles.cellStride, empties.length);
    Arrays.fill(tiles.refs, slot * tiles.refStride, (slot + 1) * tiles.refStride, null);
  }

  void mergeSlot(Tiles into, int slot, Tiles from, int fromSlot) {
    for (Partial partial : partials) {
      partial.merge(into, slot, from, fromSlot, fromSlot + 1);
    }
  }

  void update(Tiles tiles, Inputs inputs, long timeMs) {
    if (!inputs.passes(condition) || !concerns(inputs)) {
      return;
    }
    int slot = grid.slotFor(this, tiles, timeMs);
    if (slot >= 0) {
      updateSlot(tiles, slot, inputs, timeMs);
      if (slot < tiles.size - 1) {
        tiles.version++;
      }
    }
  }

  /** Updates, and notes which stored blocks have changed by that. */
  void update(Tiles tiles, Inputs inputs, long timeMs, BlockChanges changes) {
    if (blockShift < 0) {
      update(tiles, inputs, timeMs);
      return;
    }
    boolean any = tiles.size > 0;
    long newest = any ? blockOf(tiles.keys[tiles.size - 1]) : 0;
    update(tiles, inputs, timeMs);
    if (any) {
      long touched = blockOf(((Grid.Keyed) grid).keyOf(timeMs));
      if (touched < newest) {
        changes.changed(touched);
      } else if (touched > newest) {
        // It is no longer the head's.
        changes.changed(newest);
      }
    }
  }

  void updateSlot(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    for (Partial partial : partials) {
      if (inputs.passes(partial.condition)) {
        partial.update(tiles, slot, inputs, timeMs);
      }
    }
  }

  private boolean concerns(Inputs inputs) {
    if (unconditional) {
      return true;
    }
    for (Partial partial : partials) {
      if (inputs.passes(partial.condition)) {
        return true;
      }
    }
    return false;
  }

  TileCodec codec() {
    return codec;
  }

  /**
   * Decides how the ring is stored: long rings, and those of large tiles, in blocks of keys of
   * which an event rewrites one. A ring of a tile for each event or session, or of one for ever, is
   * stored in one piece.
   *
   * @param bytes how many an event may rewrite, about
   */
  void storeInBlocks(int bytes) {
    boolean large = mostTileBytes() > LARGE_TILE;
    if (grid instanceof Grid.Events events) {
      blockShift = Math.max(0, 63 - Long.numberOfLeadingZeros(events.blockMs()));
    } else if (large && (grid instanceof Grid.Fixed || grid instanceof Grid.Calendar)) {
      blockShift = 0;
    } else if (grid instanceof Grid.Fixed && grid.capacity() > LONG_RING) {
      int perTile = Math.max(1, kinds.length * Long.BYTES + refs * REF_BYTES);
      int tiles = Math.clamp(bytes / perTile, 1, MAX_BLOCK);
      blockShift = 31 - Integer.numberOfLeadingZeros(tiles);
    }
  }

  boolean isStoredInBlocks() {
    return blockShift >= 0;
  }

  long blockOf(long key) {
    return key >> blockShift;
  }

  /** First slot of a block's tiles, or where they would be. */
  int blockStart(Tiles tiles, long block) {
    return tiles.lowerBound(block << blockShift);
  }

  long blockStartMs(long block) {
    long key = block << blockShift;
    return grid instanceof Grid.Fixed fixed ? key * fixed.resolutionMs : key;
  }

  /** Drops tiles that came back with a stored block. */
  void trim(Tiles tiles) {
    if (grid instanceof Grid.Keyed keyed) {
      keyed.trim(tiles);
    }
    for (SlidingDistinct values : tiles.distinct) {
      values.trim();
      values.trackStored();
    }
  }

  /** Writes all tiles. */
  void write(Tiles tiles, ByteWriter out) {
    codec.write(grid, tiles, 0, tiles.size, out);
    tiles.syncDistinct();
    for (SlidingDistinct values : tiles.distinct) {
      SlidingDistinctCodec.writeHead(values, out, grid.keyNear(out.newestMs));
      SlidingDistinctCodec.write(values, 0, values.size(), out);
      SlidingHyperLogLog estimator = values.estimator();
      if (estimator != null) {
        estimator.write(0, SlidingHyperLogLog.REGISTERS, values.newest(), out);
      }
    }
  }

  /** Writes what belongs into the head of a state: the newest block, or all. */
  void writeHead(Tiles tiles, ByteWriter out) {
    int first =
        blockShift < 0 || tiles.size == 0
            ? 0
            : blockStart(tiles, blockOf(tiles.keys[tiles.size - 1]));
    codec.write(grid, tiles, first, tiles.size, out);
    tiles.syncDistinct();
    for (SlidingDistinct values : tiles.distinct) {
      SlidingDistinctCodec.writeHead(values, out, grid.keyNear(out.newestMs));
    }
  }

  /** Writes one block. */
  void writeBlock(Tiles tiles, long block, ByteWriter out) {
    codec.write(grid, tiles, blockStart(tiles, block), blockStart(tiles, block + 1), out);
  }

  /** Reads what {@link #write} wrote. */
  void read(Tiles tiles, ByteReader in) {
    codec.read(grid, tiles, in);
    for (SlidingDistinct values : tiles.distinct) {
      SlidingDistinctCodec.readHead(values, in, grid.keyNear(in.newestMs));
      SlidingDistinctCodec.read(values, in, values.newest());
      SlidingHyperLogLog estimator = values.estimator();
      if (estimator != null) {
        estimator.read(0, SlidingHyperLogLog.REGISTERS, values.newest(), in);
      }
    }
  }

  /** Reads what {@link #writeHead} wrote. */
  void readHead(Tiles tiles, ByteReader in) {
    codec.read(grid, tiles, in);
    for (SlidingDistinct values : tiles.distinct) {
      SlidingDistinctCodec.readHead(values, in, grid.keyNear(in.newestMs));
    }
  }

  /** Adds the tiles that {@link #writeBlock} wrote. */
  void readBlock(Tiles tiles, ByteReader in) {
    codec.read(grid, tiles, in);
  }
}
