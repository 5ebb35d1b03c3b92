// SPDX-License-Identifier: Apache-2.0
package io.millrace.features.expression;

import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of the names ({@code scope.field}) that some expressions read. An expression compiled
 * with them finds a field in a {@link Row} by its number, without hashing a name. Names are added
 * while expressions are compiled, by one thread; after that it is thread-safe.
 */
public final class Slots {
  private final List<String> names = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();

  /** Without names. */
  public Slots() {}

  /** The number of a name, from 0; a new one for a name that has none. */
  int add(String name) {
    return numbers.computeIfAbsent(
        name,
        absent -> {
          names.add(absent);
          return names.size() - 1;
        });
  }

  /** The number of a name, from 0; −1 where no expression reads it. */
  public int numberOf(String name) {
    return numbers.getOrDefault(name, -1);
  }

  /** A row in which all fields are missing. */
  public Row newRow() {
    return new Row(this);
  }

  /** Values of the names. Not thread-safe. */
  public static final class Row extends AbstractMap<String, Object> {
    private final Slots slots;
    private final @Nullable Object[] values;

    private Row(Slots slots) {
      this.slots = slots;
      this.values = new Object[slots.names.size()];
    }

    /** Sets the value of the name with that number; null for missing. */
    public void set(int number, @Nullable Object value) {
      values[number] = value;
    }

    /** The value of the name with that number; null where missing. */
    @Nullable Object at(int number) {
      return values[number];
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
      Integer number = slots.numbers.get(name);
      return number == null ? null : values[number];
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
      return get(name) != null;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      Map<String, Object> present = new HashMap<>();
      for (int number = 0; number < values.length; number++) {
        Object value = values[number];
        if (value != null) {
          present.put(slots.names.get(number), value);
        }
      }
      return present.entrySet();
    }
  }
}
