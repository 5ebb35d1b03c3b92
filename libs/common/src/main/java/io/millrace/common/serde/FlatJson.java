// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.serde;

import io.millrace.common.contract.Fields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads some fields of a flat JSON object as almost every event has it: ASCII without escapes,
 * whole numbers of up to 18 digits. Of everything else it only says that it is not usual, so that
 * {@link EventSerde} reads it, or refuses it, with a whole parser. Immutable and thread-safe.
 */
final class FlatJson {
  private static final int LONG_DIGITS = 18;

  /** Up to here a whole number is a double without rounding, and so is a power of ten. */
  private static final long EXACT_MANTISSA = 1L << 53;

  private static final double[] POWERS = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
    1e18, 1e19, 1e20, 1e21, 1e22
  };

  private final String[] names;
  private final byte[][] spelled;

  /**
   * @param kept names of the fields to keep
   */
  FlatJson(Set<String> kept) {
    List<String> plain = new ArrayList<>(kept);
    names = plain.toArray(String[]::new);
    spelled = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      spelled[i] = names[i].getBytes(StandardCharsets.UTF_8);
    }
  }

  /** The kept fields of an object; null where the text is not usual. */
  @Nullable Fields read(byte[] json) {
    return new Cursor(json).object();
  }

  private int kept(byte[] json, int from, int to) {
    for (int i = 0; i < spelled.length; i++) {
      byte[] each = spelled[i];
      if (each.length == to - from && Arrays.equals(each, 0, each.length, json, from, to)) {
        return i;
      }
    }
    return -1;
  }

  /** A place in one text. A method that finds something unusual says so and nothing else counts. */
  private final class Cursor {
    private final byte[] json;
    private final @Nullable Object[] found = new Object[names.length];
    private int at;

    Cursor(byte[] json) {
      this.json = json;
    }

    @Nullable Fields object() {
      if (next() != '{') {
        return null;
      }
      int token = next();
      if (token == '}') {
        return fields();
      }
      while (token == '"') {
        int from = at;
        if (!text()) {
          return null;
        }
        int field = kept(json, from, at - 1);
        if (next() != ':' || !value(field)) {
          return null;
        }
        token = next();
        if (token == '}') {
          return fields();
        }
        if (token != ',') {
          return null;
        }
        token = next();
      }
      return null;
    }

    private Fields fields() {
      String[] named = new String[found.length];
      Object[] values = new Object[found.length];
      int size = 0;
      for (int i = 0; i < found.length; i++) {
        Object value = found[i];
        if (value != null) {
          named[size] = names[i];
          values[size++] = value;
        }
      }
      return new Fields(named, values, size);
    }

    /** The next byte that is no white space, behind which the place is then; -1 at the end. */
    private int next() {
      while (at < json.length) {
        byte each = json[at++];
        if (each != ' ' && each != '\n' && each != '\r' && each != '\t') {
          return each;
        }
      }
      return -1;
    }

    /** Goes behind the quote that ends a text; false where a byte is more than itself. */
    private boolean text() {
      while (at < json.length) {
        byte each = json[at++];
        if (each == '"') {
          return true;
        }
        if (each < ' ' || each == '\\') {
          return false;
        }
      }
      return false;
    }

    /** Goes behind a value, and keeps it where there is a field for it. */
    private boolean value(int field) {
      int first = next();
      switch (first) {
        case '"' -> {
          int from = at;
          if (!text()) {
            return false;
          }
          if (field >= 0) {
            found[field] = new String(json, from, at - 1 - from, StandardCharsets.ISO_8859_1);
          }
          return true;
        }
        case 't' -> {
          return word("true", field, Boolean.TRUE);
        }
        case 'f' -> {
          return word("false", field, Boolean.FALSE);
        }
        case 'n' -> {
          return word("null", -1, Boolean.FALSE);
        }
        default -> {
          at--;
          return first != -1 && number(field);
        }
      }
    }

    private boolean word(String word, int field, Object value) {
      int from = at - 1;
      if (json.length - from <= word.length()) {
        return false;
      }
      for (int i = 1; i < word.length(); i++) {
        if (json[from + i] != word.charAt(i)) {
          return false;
        }
      }
      at = from + word.length();
      if (field >= 0) {
        found[field] = value;
      }
      return isEnded();
    }

    private boolean isEnded() {
      return at < json.length
          && (json[at] == ',' || json[at] == '}' || json[at] == ' ' || json[at] == '\n');
    }

    private boolean number(int field) {
      int from = at;
      boolean negative = json[at] == '-';
      if (negative) {
        at++;
      }
      int start = at;
      long digits = digits(0);
      int whole = at - start;
      if (whole == 0 || whole > LONG_DIGITS || (whole > 1 && json[start] == '0')) {
        return false;
      }
      if (isEnded()) {
        if (field >= 0) {
          found[field] = negative ? -digits : digits;
        }
        return true;
      }
      int fraction = 0;
      if (at < json.length && json[at] == '.') {
        at++;
        int point = at;
        digits = digits(digits);
        fraction = at - point;
      }
      // What has an exponent is not usual.
      if (fraction == 0 || !isEnded()) {
        return false;
      }
      if (field >= 0) {
        found[field] = decimal(from, negative, digits, whole + fraction, fraction);
      }
      return true;
    }

    private double decimal(int from, boolean negative, long digits, int count, int fraction) {
      if (count <= LONG_DIGITS && digits <= EXACT_MANTISSA && fraction < POWERS.length) {
        // Both are exact, so their quotient is rounded once, as it must be.
        double value = digits / POWERS[fraction];
        return negative ? -value : value;
      }
      return Double.parseDouble(new String(json, from, at - from, StandardCharsets.ISO_8859_1));
    }

    /** Reads digits after those before; wraps where a long holds no more of them. */
    private long digits(long before) {
      long digits = before;
      while (at < json.length && json[at] >= '0' && json[at] <= '9') {
        digits = digits * 10 + (json[at++] - '0');
      }
      return digits;
    }
  }
}
