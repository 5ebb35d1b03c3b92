// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.ArrayList;
import java.util.List;

/**
 * The layout of one ring: its grid, and the partial aggregates of each tile. Immutable once the
 * plan is compiled.
 */
final class Ring {
  final Grid grid;

  /** Events must meet this condition to have a tile here, −1 for all. */
  final int condition;

  private final List<Partial> collected = new ArrayList<>();
  private Partial[] partials = {};
  private int cells;
  private int refs;

  Ring(Grid grid, int condition) {
    this.grid = grid;
    this.condition = condition;
    this.cells = grid instanceof Grid.Session ? 1 : 0;
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
    wanted.place(cells, refs);
    cells += wanted.cellCount();
    refs += wanted.refCount();
    collected.add(wanted);
    partials = collected.toArray(Partial[]::new);
    return wanted;
  }

  /** Its partials in words that are equal for equal layouts. */
  String describe() {
    return collected.stream().map(Partial::identity).toList().toString();
  }

  Tiles newTiles() {
    return new Tiles(cells, refs);
  }

  /** A single cleared slot to merge into. */
  Tiles newAccumulator() {
    Tiles tiles = newTiles();
    tiles.insert(0, 0);
    clear(tiles, 0);
    return tiles;
  }

  void clear(Tiles tiles, int slot) {
    for (Partial partial : partials) {
      partial.clear(tiles, slot);
    }
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
    }
  }

  void updateSlot(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    for (Partial partial : partials) {
      if (inputs.passes(partial.condition)) {
        partial.update(tiles, slot, inputs, timeMs);
      }
    }
  }

  void writeSlot(Tiles tiles, int slot, ByteWriter out) {
    for (Partial partial : partials) {
      partial.write(tiles, slot, out);
    }
  }

  void readSlot(Tiles tiles, int slot, ByteReader in) {
    for (Partial partial : partials) {
      partial.read(tiles, slot, in);
    }
  }

  private boolean concerns(Inputs inputs) {
    for (Partial partial : partials) {
      if (inputs.passes(partial.condition)) {
        return true;
      }
    }
    return false;
  }

  void write(Tiles tiles, ByteWriter out) {
    out.unsigned(tiles.size);
    long previous = 0;
    for (int slot = 0; slot < tiles.size; slot++) {
      out.signed(tiles.keys[slot] - previous);
      previous = tiles.keys[slot];
      if (grid instanceof Grid.Session) {
        out.unsigned(Grid.Session.lastMs(tiles, slot) - previous);
      }
      writeSlot(tiles, slot, out);
    }
  }

  Tiles read(ByteReader in) {
    Tiles tiles = newTiles();
    int size = in.count();
    long key = 0;
    for (int slot = 0; slot < size; slot++) {
      key += in.signed();
      tiles.insert(slot, key);
      if (grid instanceof Grid.Session) {
        tiles.cells[slot * tiles.cellStride] = key + in.unsigned();
      }
      readSlot(tiles, slot, in);
    }
    return tiles;
  }
}
