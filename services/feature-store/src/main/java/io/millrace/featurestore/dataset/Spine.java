// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a dataset before their features: written once in order to a scratch file, read once
 * in order. In memory are only two numbers per row and its place under each entity key. The file
 * has its name when it is complete, and stays until {@link #delete()}. Not thread-safe while rows
 * are added; then read-only.
 */
final class Spine implements AutoCloseable {
  private static final int INITIAL_ROWS = 1024;

  private final Path file;
  private final Path part;
  private final List<String> entities;
  private final int fields;
  private final boolean keepsIds;
  private final @Nullable DataOutputStream out;
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
   * @param label NaN where it has none
   * @param provenance of the label; null without
   * @param fields values of the event's fields and of further columns, in the order asked for
   */
  record Row(
      String id,
      long momentMs,
      long knownAtMs,
      @Nullable String[] entityKeys,
      double label,
      @Nullable String provenance,
      double weight,
      @Nullable Object[] fields) {}

  private Spine(Path file, List<String> entities, int fields, boolean keepsIds, boolean isComplete)
      throws IOException {
    this.file = file;
    this.part = file.resolveSibling(file.getFileName() + ".part");
    this.entities = List.copyOf(entities);
    this.fields = fields;
    this.keepsIds = keepsIds;
    this.out =
        isComplete
            ? null
            : new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(part), 1 << 16));
  }

  /**
   * An empty one.
   *
   * @param fields number of a row's further values
   * @param keepsIds whether {@link #id} will be asked for
   */
  static Spine create(Path file, List<String> entities, int fields, boolean keepsIds)
      throws IOException {
    return new Spine(file, entities, fields, keepsIds, false);
  }

  /**
   * Opens what an earlier process completed.
   *
   * @param reader told of each row
   */
  static Spine open(
      Path file, List<String> entities, int fields, boolean keepsIds, Consumer<Row> reader)
      throws IOException {
    Spine spine = new Spine(file, entities, fields, keepsIds, true);
    spine.read(
        Integer.MAX_VALUE,
        (row, number) -> {
          spine.index(row);
          reader.accept(row);
        });
    return spine;
  }

  /** Adds a row. */
  void add(Row row) {
    DataOutputStream target = Objects.requireNonNull(out);
    try {
      text(target, row.id());
      target.writeLong(row.momentMs());
      target.writeLong(row.knownAtMs());
      for (String key : row.entityKeys()) {
        value(target, key);
      }
      target.writeDouble(row.label());
      value(target, row.provenance());
      target.writeDouble(row.weight());
      for (Object value : row.fields()) {
        value(target, value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    index(row);
  }

  private void index(Row row) {
    if (rows == moments.length) {
      moments = Arrays.copyOf(moments, rows * 2);
      knownAts = Arrays.copyOf(knownAts, rows * 2);
    }
    if (keepsIds) {
      if (rows >= ids.length) {
        ids = Arrays.copyOf(ids, moments.length);
      }
      ids[rows] = row.id();
    }
    moments[rows] = row.momentMs();
    knownAts[rows] = row.knownAtMs();
    for (int i = 0; i < entities.size(); i++) {
      String key = row.entityKeys()[i];
      if (key != null) {
        byEntity
            .computeIfAbsent(entities.get(i), absent -> new TreeMap<>())
            .computeIfAbsent(key, absent -> new Rows())
            .add(rows);
      }
    }
    rows++;
  }

  /** Ends adding. */
  void complete() throws IOException {
    Objects.requireNonNull(out).close();
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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

  /** The moments of all rows, ascending. */
  long[] sortedMoments() {
    long[] sorted = Arrays.copyOf(moments, rows);
    Arrays.sort(sorted);
    return sorted;
  }

  /** Key → rows of an entity. */
  Map<String, Rows> keys(String entity) {
    return byEntity.getOrDefault(entity, Map.of());
  }

  /** Reads all rows in order. */
  void forEach(ObjIntConsumer<Row> reader) throws IOException {
    read(rows, reader);
  }

  private void read(int limit, ObjIntConsumer<Row> reader) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      for (int row = 0; row < limit; row++) {
        in.mark(1);
        if (in.read() < 0) {
          return;
        }
        in.reset();
        String id = text(in);
        long moment = in.readLong();
        long knownAt = in.readLong();
        @Nullable String[] keys = new String[entities.size()];
        for (int i = 0; i < keys.length; i++) {
          keys[i] = (String) value(in);
        }
        double label = in.readDouble();
        String provenance = (String) value(in);
        double weight = in.readDouble();
        @Nullable Object[] values = new Object[fields];
        for (int i = 0; i < fields; i++) {
          values[i] = value(in);
        }
        reader.accept(new Row(id, moment, knownAt, keys, label, provenance, weight, values), row);
      }
    }
  }

  private static void value(DataOutputStream out, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> out.writeByte(0);
      case String text -> {
        out.writeByte(1);
        text(out, text);
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

  private static void text(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  /** Removes the file; it is not needed any more. */
  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void close() throws IOException {
    if (out != null) {
      out.close();
    }
    Files.deleteIfExists(part);
  }
}
