// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.detector;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;

/**
 * Everything that a detector needs to go on elsewhere. Immutable. The numbers may be infinite, so
 * for JSON send {@link #toBytes()} as base64.
 *
 * @param detector name of the algorithm
 * @param parameters its parameters, in the order of its constructor
 * @param state its state, in an order of its own
 */
public record DetectorSnapshot(String detector, double[] parameters, double[] state) {
  private static final int FORMAT = 2;
  private static final int MAX_NUMBERS = 1 << 20;

  /** Copies. */
  public DetectorSnapshot {
    parameters = parameters.clone();
    state = state.clone();
  }

  /** A copy of the parameters. */
  @Override
  public double[] parameters() {
    return parameters.clone();
  }

  /** A copy of the state. */
  @Override
  public double[] state() {
    return state.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DetectorSnapshot that
        && detector.equals(that.detector)
        && Arrays.equals(parameters, that.parameters)
        && Arrays.equals(state, that.state);
  }

  @Override
  public int hashCode() {
    return Objects.hash(detector, Arrays.hashCode(parameters), Arrays.hashCode(state));
  }

  /** Compact and versioned. */
  public byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(detector);
      for (double[] part : new double[][] {parameters, state}) {
        out.writeInt(part.length);
        for (double value : part) {
          out.writeDouble(value);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Restores a snapshot.
   *
   * @throws IllegalArgumentException if the bytes are not one of a known version
   */
  public static DetectorSnapshot fromBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readUnsignedByte() != FORMAT) {
        throw new IllegalArgumentException("unknown detector snapshot format " + bytes[0]);
      }
      return new DetectorSnapshot(in.readUTF(), readNumbers(in), readNumbers(in));
    } catch (IOException e) {
      throw new IllegalArgumentException("not a detector snapshot: " + e.getMessage(), e);
    }
  }

  private static double[] readNumbers(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > MAX_NUMBERS) {
      throw new IOException(length + " numbers");
    }
    double[] numbers = new double[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = in.readDouble();
    }
    return numbers;
  }
}
