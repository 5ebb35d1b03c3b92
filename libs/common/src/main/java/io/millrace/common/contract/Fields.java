// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The few fields of an event, in order. Immutable. To look through them takes less than to hash a
 * name, and to make them less than a hash table; {@link #MOST} bounds how many it pays for.
 */
public final class Fields extends AbstractMap<String, Object> {
  /** More fields than this belong into a hash table. */
  public static final int MOST = 16;

  private final String[] names;
  private final Object[] values;
  private final int size;

  /**
   * Takes the arrays as its own.
   *
   * @param names distinct
   * @param values of canonical types, none null
   * @param size how many of them there are
   */
  public Fields(String[] names, Object[] values, int size) {
    this.names = names;
    this.values = values;
    this.size = size;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public @Nullable Object get(@Nullable Object name) {
    int at = indexOf(name);
    return at < 0 ? null : values[at];
  }

  @Override
  public boolean containsKey(@Nullable Object name) {
    return indexOf(name) >= 0;
  }

  private int indexOf(@Nullable Object name) {
    for (int i = 0; i < size; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public Iterator<Map.Entry<String, Object>> iterator() {
        return new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() {
            return next < size;
          }

          @Override
          public Map.Entry<String, Object> next() {
            if (next >= size) {
              throw new NoSuchElementException();
            }
            int at = next++;
            return new SimpleImmutableEntry<>(names[at], values[at]);
          }
        };
      }
    };
  }
}
