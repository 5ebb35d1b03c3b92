// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.http;

import io.millrace.chassis.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Reads bodies up to a limit that holds for what they unpack to as well. Thread-safe. */
final class BodyReader {
  private static final int CHUNK = 64 * 1024;

  private final int bytesMax;

  BodyReader(int bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** The most memory that a request's body may take. */
  int reserve(HttpServletRequest request) {
    long declared = request.getContentLengthLong();
    if (declared >= bytesMax) {
      throw tooLarge();
    }
    return declared < 0 || encoding(request) != null ? bytesMax : (int) Math.max(declared, 1);
  }

  /** The body, unpacked. */
  byte[] read(HttpServletRequest request) throws IOException {
    String encoding = encoding(request);
    if (encoding == null) {
      return read(request.getInputStream());
    }
    if (!encoding.equals("gzip") && !encoding.equals("x-gzip")) {
      throw new ProblemException(
          415,
          "Unsupported media type",
          "Content-Encoding: '" + encoding + "' is not gzip",
          List.of(),
          Map.of("Accept-Encoding", "gzip"));
    }
    try (InputStream unpacked = new GZIPInputStream(request.getInputStream(), CHUNK)) {
      return read(unpacked);
    } catch (ZipException | EOFException e) {
      throw ProblemException.invalid("Content-Encoding", "malformed", "the body is not whole gzip");
    }
  }

  private byte[] read(InputStream in) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(CHUNK);
    byte[] chunk = new byte[CHUNK];
    int length = in.read(chunk);
    while (length >= 0) {
      if (out.size() + length >= bytesMax) {
        throw tooLarge();
      }
      out.write(chunk, 0, length);
      length = in.read(chunk);
    }
    return out.toByteArray();
  }

  private ProblemException tooLarge() {
    return ProblemException.tooLarge(
        "A body has less than " + bytesMax + " bytes, unpacked; send it in parts.");
  }

  private static @Nullable String encoding(HttpServletRequest request) {
    String encoding = request.getHeader("Content-Encoding");
    return encoding == null || encoding.isBlank() || encoding.equalsIgnoreCase("identity")
        ? null
        : encoding.trim().toLowerCase(Locale.ROOT);
  }
}
