// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.topology;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The positive events of one join key and one event time: the first two to arrive, which is enough
 * to name one that is not a given deciding event.
 */
record PositiveEvents(List<Entry> entries) {
  private static final int ENTRIES_MAX = 2;

  /** One event. */
  record Entry(String id, long knownAtMs) {}

  static PositiveEvents of(byte @Nullable [] bytes) {
    List<Entry> entries = new ArrayList<>();
    if (bytes != null) {
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
        while (in.available() > 0) {
          entries.add(new Entry(in.readUTF(), in.readLong()));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new PositiveEvents(entries);
  }

  /** With one more; null where that changes nothing. */
  @Nullable PositiveEvents with(String id, long knownAtMs) {
    if (entries.size() == ENTRIES_MAX
        || entries.stream().anyMatch(entry -> entry.id().equals(id))) {
      return null;
    }
    List<Entry> more = new ArrayList<>(entries);
    more.add(new Entry(id, knownAtMs));
    return new PositiveEvents(more);
  }

  /** The first that has another id. */
  @Nullable Entry other(@Nullable String id) {
    return entries.stream().filter(entry -> !entry.id().equals(id)).findFirst().orElse(null);
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Entry entry : entries) {
        out.writeUTF(entry.id());
        out.writeLong(entry.knownAtMs());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
