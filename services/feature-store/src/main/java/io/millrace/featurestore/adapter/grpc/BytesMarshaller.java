// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.grpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Messages that are bytes already. Thread-safe. */
final class BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {
  /** So that the length is written without reading to the end first. */
  private static final class Known extends ByteArrayInputStream implements KnownLength {
    Known(byte[] bytes) {
      super(bytes);
    }
  }

  @Override
  public InputStream stream(byte[] bytes) {
    return new Known(bytes);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
