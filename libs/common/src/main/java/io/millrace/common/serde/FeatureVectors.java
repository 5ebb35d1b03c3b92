// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.serde;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Writes the features of one view as of an event: a JSON object with {@code view}, {@code
 * generation} (which definition computed it), {@code version} (number of events applied to the
 * entity) and {@code features}, name → value, null where missing. Where the value of some is not
 * known, {@code incomplete} has their names. Its headers are those of a CloudEvent in binary mode,
 * of which {@code ce_id} and {@code ce_time} are the event's; {@code ce_source} differs by view, so
 * that source and id are unique. Not thread-safe.
 */
public final class FeatureVectors {
  private static final double EXACT_INTEGERS = 1L << 53;

  /** Headers of an event that its vector has too. */
  private static final int CARRIED = 3;

  private final byte[] begin;

  /** Of each feature its name, quoted, and a colon, after what goes before it. */
  private final byte[][] names;

  private final List<String> plainNames;
  private final Header[] headers;
  private final Bytes out = new Bytes();

  /** Grows once and is used again; without the locks of its parent. */
  private static final class Bytes extends ByteArrayOutputStream {
    void ascii(String text) {
      int length = text.length();
      if (count + length > buf.length) {
        write(text.getBytes(StandardCharsets.ISO_8859_1), 0, length);
        return;
      }
      for (int i = 0; i < length; i++) {
        buf[count++] = (byte) text.charAt(i);
      }
    }
  }

  /**
   * @param names of the features, in the order of their values
   */
  public FeatureVectors(String app, String view, String generation, List<String> names) {
    begin =
        utf8(
            "{\"view\":"
                + quoted(view)
                + ",\"generation\":"
                + quoted(generation)
                + ",\"version\":");
    this.plainNames = List.copyOf(names);
    this.names = new byte[names.size()][];
    for (int i = 0; i < this.names.length; i++) {
      this.names[i] = utf8((i == 0 ? ",\"features\":{" : ",") + quoted(names.get(i)) + ":");
    }
    headers =
        new Header[] {
          new RecordHeader("ce_specversion", utf8("1.0")),
          new RecordHeader("ce_type", utf8(app + ".features." + view)),
          new RecordHeader("ce_source", utf8("/millrace/" + app + "/features/" + view)),
          new RecordHeader("content-type", utf8("application/json"))
        };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String quoted(String text) {
    return Json.mapper().writeValueAsString(text);
  }

  /** Headers of the vector as of an event with these headers. */
  public Headers headers(Headers event) {
    Header id = null;
    Header time = null;
    Header trace = null;
    // One pass, and no search for each: of equal names the last one counts.
    for (Header header : event) {
      switch (header.key()) {
        case "ce_id" -> id = header;
        case "ce_time" -> time = header;
        case "traceparent" -> trace = header;
        default -> {
          // Stays with the event.
        }
      }
    }
    Header[] all = Arrays.copyOf(headers, headers.length + CARRIED);
    int size = headers.length;
    size = add(all, size, id);
    size = add(all, size, time);
    size = add(all, size, trace);
    return new RecordHeaders(size == all.length ? all : Arrays.copyOf(all, size));
  }

  private static int add(Header[] to, int size, @Nullable Header header) {
    if (header == null) {
      return size;
    }
    to[size] = header;
    return size + 1;
  }

  /**
   * Writes numbers; NaN is missing.
   *
   * @param incomplete indices of the features whose value is not known
   */
  public byte[] write(long version, double[] values, int... incomplete) {
    begin(version);
    for (int i = 0; i < names.length; i++) {
      out.writeBytes(names[i]);
      number(values[i]);
    }
    return end(incomplete);
  }

  /**
   * Writes values of any kind; null is missing.
   *
   * @param incomplete indices of the features whose value is not known
   */
  public byte[] write(long version, @Nullable Object[] values, int... incomplete) {
    begin(version);
    for (int i = 0; i < names.length; i++) {
      out.writeBytes(names[i]);
      if (values[i] instanceof Double value) {
        number(value);
      } else {
        out.writeBytes(Json.mapper().writeValueAsBytes(values[i]));
      }
    }
    return end(incomplete);
  }

  private void begin(long version) {
    out.reset();
    out.writeBytes(begin);
    out.ascii(Long.toString(version));
  }

  private byte[] end(int[] incomplete) {
    out.ascii("}");
    if (incomplete.length > 0) {
      List<String> unknown = Arrays.stream(incomplete).mapToObj(plainNames::get).toList();
      out.ascii(",\"incomplete\":");
      out.writeBytes(Json.mapper().writeValueAsBytes(unknown));
    }
    out.ascii("}");
    return out.toByteArray();
  }

  private void number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      out.ascii("null");
    } else if (value == Math.rint(value)
        && Math.abs(value) < EXACT_INTEGERS
        && isNotMinusZero(value)) {
      out.ascii(Long.toString((long) value));
    } else {
      out.ascii(Double.toString(value));
    }
  }

  private static boolean isNotMinusZero(double value) {
    return Double.doubleToRawLongBits(value) != Double.doubleToRawLongBits(-0.0);
  }
}
