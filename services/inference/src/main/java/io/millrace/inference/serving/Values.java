// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.serving;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** JSON values as canonical ones: what an event would carry. */
public final class Values {
  private Values() {}

  /** Integers as Long, other numbers as Double, the rest as it is. */
  public static @Nullable Object canonical(@Nullable Object value) {
    return switch (value) {
      case Integer number -> number.longValue();
      case Short number -> number.longValue();
      case BigInteger number -> number.doubleValue();
      case BigDecimal number -> number.doubleValue();
      case Float number -> number.doubleValue();
      case null, default -> value;
    };
  }
}
