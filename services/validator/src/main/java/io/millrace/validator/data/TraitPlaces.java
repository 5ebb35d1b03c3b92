// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where some rows are that show a trait in a column. Bounded, mergeable. Not thread-safe. */
final class TraitPlaces {
  /** What a row may show in a column. */
  enum Trait {
    MISSING,
    NUMBER,
    STRING,
    BOOLEAN,
    OTHER,
    NAN,
    INFINITE,
    FRACTION,
    ZERO,
    NEGATIVE,
    BAD_TEXT,
    /** A word for nothing, see {@link HabitChecks#isNothing}. */
    NOTHING
  }

  private static final Trait[] TRAITS = Trait.values();

  /** By the ordinal of the trait; null where no row with it was seen. */
  private final @Nullable RowPlaces[] places = new RowPlaces[TRAITS.length];

  void see(Trait trait, @Nullable RowPlace place) {
    if (place != null) {
      of(trait).add(place);
    }
  }

  private RowPlaces of(Trait trait) {
    RowPlaces known = places[trait.ordinal()];
    if (known == null) {
      known = new RowPlaces();
      places[trait.ordinal()] = known;
    }
    return known;
  }

  /** Whether another place of a trait would be kept. */
  boolean wants(Trait trait) {
    RowPlaces known = places[trait.ordinal()];
    return known == null || !known.isFull();
  }

  void merge(TraitPlaces other) {
    for (Trait trait : TRAITS) {
      RowPlaces theirs = other.places[trait.ordinal()];
      if (theirs != null) {
        of(trait).merge(theirs);
      }
    }
  }

  /** Some rows that show a trait. */
  List<String> texts(Trait trait) {
    RowPlaces known = places[trait.ordinal()];
    return known == null ? List.of() : known.texts();
  }

  /** Some rows that have any value. */
  List<String> any() {
    for (Trait trait : TRAITS) {
      if (trait != Trait.MISSING && places[trait.ordinal()] != null) {
        return texts(trait);
      }
    }
    return List.of();
  }

  void write(DataOutput out) throws IOException {
    int seen = 0;
    for (RowPlaces each : places) {
      seen += each == null ? 0 : 1;
    }
    out.writeByte(seen);
    for (Trait trait : TRAITS) {
      RowPlaces known = places[trait.ordinal()];
      if (known != null) {
        out.writeByte(trait.ordinal());
        known.write(out);
      }
    }
  }

  static TraitPlaces read(DataInput in) throws IOException {
    TraitPlaces read = new TraitPlaces();
    for (int left = in.readUnsignedByte(); left > 0; left--) {
      int trait = ColumnMarks.limited(in.readUnsignedByte(), TRAITS.length - 1);
      read.places[trait] = RowPlaces.read(in);
    }
    return read;
  }
}
