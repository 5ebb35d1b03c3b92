// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value made at its first use. A failure is remembered too: a second try would only take as long.
 */
final class Once<T> implements Supplier<T> {
  private final Supplier<T> source;
  private @Nullable T value;
  private @Nullable RuntimeException failure;

  Once(Supplier<T> source) {
    this.source = source;
  }

  @Override
  public synchronized T get() {
    if (failure != null) {
      throw failure;
    }
    T known = value;
    if (known == null) {
      try {
        known = source.get();
        value = known;
      } catch (RuntimeException e) {
        failure = e;
        throw e;
      }
    }
    return known;
  }
}
