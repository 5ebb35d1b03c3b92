// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import org.jspecify.annotations.Nullable;

/**
 * A partial aggregate kept as one object per tile, absent while the tile is empty.
 *
 * @param <S> the summary; mutable, owned by its tile
 */
abstract class RefPartial<S> extends Partial {
  private final Class<S> type;

  RefPartial(String identity, Class<S> type, int condition, int input) {
    super(identity, condition, input, new CellKind[0], new long[0], 1);
    this.type = type;
  }

  abstract S create();

  /** {@code into ⊕= from}, leaving {@code from} as it is. */
  abstract void merge(S into, S from);

  abstract void write(S summary, ByteWriter out);

  abstract S read(ByteReader in);

  @Override
  abstract long mostRefBytes();

  final @Nullable S summary(Tiles tiles, int slot) {
    return type.cast(tiles.refs[ref(tiles, slot)]);
  }

  /** The tile's summary, made if it has none. */
  final S open(Tiles tiles, int slot) {
    S summary = summary(tiles, slot);
    if (summary == null) {
      summary = create();
      tiles.refs[ref(tiles, slot)] = summary;
    }
    return summary;
  }

  @Override
  final void merge(Tiles into, int slot, Tiles from, int first, int end) {
    for (int i = first; i < end; i++) {
      S summary = summary(from, i);
      if (summary != null) {
        merge(open(into, slot), summary);
      }
    }
  }

  @Override
  final void writeRef(Tiles tiles, int slot, ByteWriter out) {
    S summary = summary(tiles, slot);
    out.flag(summary != null);
    if (summary != null) {
      write(summary, out);
    }
  }

  @Override
  final void readRef(Tiles tiles, int slot, ByteReader in) {
    tiles.refs[ref(tiles, slot)] = in.flag() ? read(in) : null;
  }
}
