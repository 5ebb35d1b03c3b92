// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.view;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Another aggregate's partials once per category, bounded: beyond {@code bound} categories new ones
 * are aggregated together as {@value CategoryCounts#OTHERS}.
 */
final class ByCategory extends RefPartial<ByCategory.Categories> {
  private final Ring inner;
  private final int bound;

  /** Category → slot of its partials. */
  static final class Categories {
    final TreeMap<String, Integer> slots = new TreeMap<>();
    final Tiles tiles;

    private Categories(Tiles tiles) {
      this.tiles = tiles;
    }
  }

  /**
   * @param inner layout of the aggregate's own partials
   * @param of canonical text of everything that distinguishes the inner aggregate
   */
  ByCategory(Ring inner, int bound, String of, int condition, int input) {
    super(numbered("by " + of, bound), Categories.class, condition, input);
    this.inner = inner;
    this.bound = bound;
  }

  /** Numbers by category; null if there is no category with a value. */
  @Nullable Map<String, Double> values(Tiles tiles, int slot, Finaliser finaliser, long asOfMs) {
    Categories categories = summary(tiles, slot);
    if (categories == null) {
      return null;
    }
    TreeMap<String, Double> values = new TreeMap<>();
    categories.slots.forEach(
        (category, at) -> {
          double value = finaliser.number(categories.tiles, at, asOfMs);
          if (!Double.isNaN(value)) {
            values.put(category, value);
          }
        });
    return values.isEmpty() ? null : values;
  }

  @Override
  long mostRefBytes() {
    return NUMBER_BYTES + (bound + 1L) * (CategoryCounts.TEXT_BYTES + inner.mostTileBytes());
  }

  private int slotOf(Categories categories, String category) {
    Integer slot = categories.slots.get(category);
    if (slot == null && categories.slots.size() >= bound) {
      slot = categories.slots.get(CategoryCounts.OTHERS);
      return slot == null ? open(categories, CategoryCounts.OTHERS) : slot;
    }
    return slot == null ? open(categories, category) : slot;
  }

  private int open(Categories categories, String category) {
    int slot = categories.tiles.size;
    categories.tiles.insert(slot, slot);
    inner.clear(categories.tiles, slot);
    categories.slots.put(category, slot);
    return slot;
  }

  @Override
  void update(Tiles tiles, int slot, Inputs inputs, long timeMs) {
    Object value = inputs.objects[input];
    if (value != null) {
      Categories categories = open(tiles, slot);
      int at = slotOf(categories, CategoryCounts.named(Canonical.category(value)));
      inner.updateSlot(categories.tiles, at, inputs, timeMs);
    }
  }

  @Override
  Categories create() {
    return new Categories(inner.newTiles());
  }

  @Override
  void merge(Categories into, Categories from) {
    from.slots.forEach(
        (category, at) -> {
          int target = slotOf(into, category);
          inner.mergeSlot(into.tiles, target, from.tiles, at);
        });
  }

  @Override
  void write(Categories summary, ByteWriter out) {
    out.unsigned(summary.slots.size());
    summary.slots.forEach(
        (category, slot) -> {
          out.text(category);
          inner.codec().content(summary.tiles, slot, slot + 1, out);
        });
  }

  @Override
  Categories read(ByteReader in) {
    Categories categories = create();
    int size = in.count();
    for (int i = 0; i < size; i++) {
      int slot = open(categories, in.text());
      inner.codec().content(categories.tiles, slot, slot + 1, in);
    }
    return categories;
  }
}
