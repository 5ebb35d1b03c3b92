// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.featurestore.history.Moment;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a dataset before their features: written once in order to a scratch file, read once
 * in order. In memory are only two numbers per row and its place under each entity key. Not
 * thread-safe while rows are added; then read-only.
 */
final class Spine implements AutoCloseable {
  private static final int INITIAL_ROWS = 1024;

  private final Path file;
  private final List<String> entities;
  private final int fields;
  private final boolean keepsIds;
  private final DataOutputStream out;
  private long[] moments = new long[INITIAL_ROWS];
  private long[] knownAts = new long[INITIAL_ROWS];
  private @Nullable String[] ids = new String[0];
  private int rows;

  /** Entity → key → numbers of its rows, growing. */
  private final Map<String, Map<String, Rows>> byEntity = new HashMap<>();

  /** A growing list of row numbers. */
  static final class Rows {
    private int[] numbers = new int[4];
    private int size;

    private void add(int row) {
      if (size == numbers.length) {
        numbers = Arrays.copyOf(numbers, size * 2);
      }
      numbers[size++] = row;
    }

    int[] toArray() {
      return Arrays.copyOf(numbers, size);
    }
  }

  /**
   * A row as it was added.
   *
   * @param fields values of the event's fields, in the order asked for
   */
  record Row(
      String id,
      long momentMs,
      long knownAtMs,
      @Nullable String[] entityKeys,
      double label,
      String provenance,
      @Nullable Object[] fields) {}

  /**
   * @param keepsIds whether {@link #id} will be asked for
   */
  Spine(Path file, List<String> entities, int fields, boolean keepsIds) throws IOException {
    this.file = file;
    this.entities = List.copyOf(entities);
    this.fields = fields;
    this.keepsIds = keepsIds;
    this.out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16));
  }

  /** Adds a labelled moment; moments come in order. */
  void add(Moment moment, @Nullable Object[] fieldValues) {
    Moment.MomentLabel label = Objects.requireNonNull(moment.label());
    if (rows == moments.length) {
      moments = Arrays.copyOf(moments, rows * 2);
      knownAts = Arrays.copyOf(knownAts, rows * 2);
    }
    if (keepsIds) {
      if (rows >= ids.length) {
        ids = Arrays.copyOf(ids, moments.length);
      }
      ids[rows] = moment.id();
    }
    moments[rows] = moment.momentMs();
    knownAts[rows] = moment.knownAtMs();
    try {
      text(moment.id());
      out.writeLong(moment.momentMs());
      out.writeLong(moment.knownAtMs());
      for (String entity : entities) {
        String key = moment.entities().get(entity);
        value(key);
        if (key != null) {
          byEntity
              .computeIfAbsent(entity, absent -> new TreeMap<>())
              .computeIfAbsent(key, absent -> new Rows())
              .add(rows);
        }
      }
      out.writeDouble(label.value());
      text(label.provenance());
      for (Object value : fieldValues) {
        value(value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    rows++;
  }

  /** Ends adding. */
  void complete() throws IOException {
    out.close();
  }

  int rows() {
    return rows;
  }

  long momentMs(int row) {
    return moments[row];
  }

  long knownAtMs(int row) {
    return knownAts[row];
  }

  String id(int row) {
    return Objects.requireNonNull(ids[row]);
  }

  /** Key → rows of an entity. */
  Map<String, Rows> keys(String entity) {
    return byEntity.getOrDefault(entity, Map.of());
  }

  /** Reads all rows in order. */
  void forEach(java.util.function.ObjIntConsumer<Row> reader) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      for (int row = 0; row < rows; row++) {
        String id = text(in);
        long moment = in.readLong();
        long knownAt = in.readLong();
        @Nullable String[] keys = new String[entities.size()];
        for (int i = 0; i < keys.length; i++) {
          keys[i] = (String) value(in);
        }
        double label = in.readDouble();
        String provenance = text(in);
        @Nullable Object[] values = new Object[fields];
        for (int i = 0; i < fields; i++) {
          values[i] = value(in);
        }
        reader.accept(new Row(id, moment, knownAt, keys, label, provenance, values), row);
      }
    }
  }

  private void value(@Nullable Object value) throws IOException {
    switch (value) {
      case null -> out.writeByte(0);
      case String text -> {
        out.writeByte(1);
        text(text);
      }
      case Long whole -> {
        out.writeByte(2);
        out.writeLong(whole);
      }
      case Double number -> {
        out.writeByte(3);
        out.writeDouble(number);
      }
      case Boolean truth -> out.writeByte(truth ? 5 : 4);
      default -> throw new IllegalArgumentException("not a canonical value: " + value.getClass());
    }
  }

  private static @Nullable Object value(DataInputStream in) throws IOException {
    return switch (in.readByte()) {
      case 0 -> null;
      case 1 -> text(in);
      case 2 -> in.readLong();
      case 3 -> in.readDouble();
      case 4 -> Boolean.FALSE;
      default -> Boolean.TRUE;
    };
  }

  private void text(String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    out.close();
    Files.deleteIfExists(file);
  }
}
