// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

import io.millrace.validator.data.SpanStatistics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Statistics of some rows of one span from one partition, on their way to be merged.
 *
 * @param event kind of event
 * @param partition partition of the events topics that the rows came from
 * @param startMs start of the span; ignored for spans of a number of rows
 * @param progressMs latest event time that the partition has shown for this kind of event
 * @param traceparent trace context of the last row; empty where it had none
 * @param statistics of the rows
 */
record Chunk(
    String event,
    int partition,
    long startMs,
    long progressMs,
    String traceparent,
    SpanStatistics statistics)
    implements Profiled, Work {
  private static final int FORMAT = 1;

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(8192);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(event);
      out.writeInt(partition);
      out.writeLong(startMs);
      out.writeLong(progressMs);
      out.writeUTF(traceparent);
      out.write(statistics.toBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  static Chunk fromBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format != FORMAT) {
        throw new SerializationException("unknown format of a chunk: " + format);
      }
      return new Chunk(
          in.readUTF(),
          in.readInt(),
          in.readLong(),
          in.readLong(),
          in.readUTF(),
          SpanStatistics.fromBytes(in.readAllBytes()));
    } catch (IOException e) {
      throw new SerializationException("not a chunk", e);
    }
  }

  static Serde<Chunk> serde() {
    return new Serde<>() {
      @Override
      public Serializer<Chunk> serializer() {
        return (topic, chunk) -> chunk == null ? null : chunk.toBytes();
      }

      @Override
      public Deserializer<Chunk> deserializer() {
        return (topic, bytes) -> bytes == null ? null : fromBytes(bytes);
      }
    };
  }
}
