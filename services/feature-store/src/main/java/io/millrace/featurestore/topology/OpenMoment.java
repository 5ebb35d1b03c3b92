// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * A moment whose label may still come or change, as it lies in the store.
 *
 * @param shard of its hour in which the moment store has it
 * @param revision of the last label; 0 before any
 * @param value a label that is computed but not known yet; meaningless otherwise
 * @param traceparent trace context of the deciding event; blank where it had none
 */
record OpenMoment(
    Status status,
    int shard,
    int revision,
    long knownAtMs,
    double value,
    String traceparent,
    Map<String, String> entities) {

  /** What is awaited. */
  enum Status {
    /** A positive event, or the end of the window. */
    OPEN,
    /** A late positive event that corrects the implicit negative. */
    NEGATIVE,
    /** The time at which the computed label becomes known. */
    VALUED
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(status.ordinal());
      out.writeInt(shard);
      out.writeInt(revision);
      out.writeLong(knownAtMs);
      out.writeDouble(value);
      out.writeUTF(traceparent);
      out.writeShort(entities.size());
      for (Map.Entry<String, String> entity : entities.entrySet()) {
        out.writeUTF(entity.getKey());
        out.writeUTF(entity.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static OpenMoment of(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      Status status = Status.values()[in.readByte()];
      int shard = in.readInt();
      int revision = in.readInt();
      long knownAtMs = in.readLong();
      double value = in.readDouble();
      String traceparent = in.readUTF();
      Map<String, String> entities = new TreeMap<>();
      for (int left = in.readShort(); left > 0; left--) {
        entities.put(in.readUTF(), in.readUTF());
      }
      return new OpenMoment(status, shard, revision, knownAtMs, value, traceparent, entities);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
