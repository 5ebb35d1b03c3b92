// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.profile;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Named column profiles of the same rows. Mergeable like its columns; a column that one side never
 * saw is missing in all of that side's rows. At most {@link #maxColumns()} columns are kept, and
 * values of further ones are only counted, so that a flood of made-up field names cannot exhaust
 * memory; neither can their length. Not thread-safe.
 */
public final class DatasetProfile {
  /** Columns kept unless said otherwise. */
  public static final int DEFAULT_MAX_COLUMNS = 10_000;

  /** Longest name of a column; of a longer one the beginning and a hash are kept. */
  public static final int MAX_NAME_CHARS = 512;

  private static final int FORMAT = 1;

  private final int maxColumns;
  private final Map<String, ColumnProfile> columns = new LinkedHashMap<>();
  private long rows;
  private long droppedValues;

  /** A profile of at most {@value #DEFAULT_MAX_COLUMNS} columns. */
  public DatasetProfile() {
    this(DEFAULT_MAX_COLUMNS);
  }

  /** A profile of at most {@code maxColumns} columns, 1 or more. */
  public DatasetProfile(int maxColumns) {
    if (maxColumns < 1) {
      throw new IllegalArgumentException("maxColumns must be at least 1, was " + maxColumns);
    }
    this.maxColumns = maxColumns;
  }

  /** Observes one row; columns that it does not name count as missing in it. */
  public void update(Map<String, ? extends @Nullable Object> row) {
    for (Map.Entry<String, ? extends @Nullable Object> entry : row.entrySet()) {
      ColumnProfile column = columnOrNull(entry.getKey());
      if (column == null) {
        droppedValues++;
      } else {
        column.update(entry.getValue());
      }
    }
    rows++;
  }

  /**
   * Counts a row whose values the caller gives to the columns itself, at most one update per column
   * and row. The quick way for a reader that knows its columns.
   */
  public void countRow() {
    rows++;
  }

  /**
   * The profile of a column to update, made on first use and missing in all earlier rows.
   *
   * @throws IllegalStateException if that would be one column too many
   */
  public ColumnProfile column(String name) {
    ColumnProfile column = columnOrNull(name);
    if (column == null) {
      throw new IllegalStateException("more than " + maxColumns + " columns, at " + name);
    }
    return column;
  }

  /**
   * The name that a column goes by: its own, or for one longer than {@value #MAX_NAME_CHARS}
   * characters its beginning and a hash of the whole.
   */
  public static String nameOf(String column) {
    return column.length() > MAX_NAME_CHARS ? TextSketch.shortened(column) : column;
  }

  private @Nullable ColumnProfile columnOrNull(String given) {
    String name = nameOf(given);
    ColumnProfile column = columns.get(name);
    if (column == null && columns.size() < maxColumns) {
      column = new ColumnProfile();
      columns.put(name, column);
    }
    if (column != null && column.rows() < rows) {
      column.updateMissing(rows - column.rows());
    }
    return column;
  }

  /** Adds all rows that the other has seen. */
  public void merge(DatasetProfile other) {
    if (other == this) {
      throw new IllegalArgumentException("a profile cannot be merged with itself");
    }
    long before = rows;
    long together = Math.addExact(before, other.rows);
    settle();
    other.settle();
    rows = together;
    droppedValues += other.droppedValues;
    for (Map.Entry<String, ColumnProfile> entry : other.columns.entrySet()) {
      ColumnProfile mine = columns.get(entry.getKey());
      if (mine == null && columns.size() >= maxColumns) {
        droppedValues += entry.getValue().values();
        continue;
      }
      if (mine == null) {
        mine = new ColumnProfile();
        mine.updateMissing(before);
        columns.put(entry.getKey(), mine);
      }
      mine.merge(entry.getValue());
    }
    settle();
  }

  private void settle() {
    for (ColumnProfile column : columns.values()) {
      if (column.rows() < rows) {
        column.updateMissing(rows - column.rows());
      }
    }
  }

  /** Rows observed. */
  public long rows() {
    return rows;
  }

  /** Most columns that are kept. */
  public int maxColumns() {
    return maxColumns;
  }

  /** Values that belonged to columns beyond the limit. */
  public long droppedValues() {
    return droppedValues;
  }

  /** The columns by name, in order of first appearance; missing rows are settled. */
  public Map<String, ColumnProfile> columns() {
    settle();
    return Collections.unmodifiableMap(columns);
  }

  /** The readable figures of every column, by name in order. */
  public SortedMap<String, ProfileSummary> summaries() {
    SortedMap<String, ProfileSummary> summaries = new TreeMap<>();
    columns().forEach((name, column) -> summaries.put(name, column.summary()));
    return summaries;
  }

  /** An independent copy. */
  public DatasetProfile copy() {
    DatasetProfile copy = new DatasetProfile(maxColumns);
    copy.merge(this);
    return copy;
  }

  /** The whole state, compact and versioned. */
  public byte[] toBytes() {
    settle();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeInt(maxColumns);
      out.writeLong(rows);
      out.writeLong(droppedValues);
      out.writeInt(columns.size());
      for (Map.Entry<String, ColumnProfile> entry : columns.entrySet()) {
        out.writeUTF(entry.getKey());
        ProfileBytes.writeBlock(out, entry.getValue().toBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /**
   * Restores a profile.
   *
   * @throws IllegalArgumentException if the bytes are not a profile of a known version
   */
  public static DatasetProfile fromBytes(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readUnsignedByte();
      if (format != FORMAT) {
        throw new IllegalArgumentException("unknown dataset profile format " + format);
      }
      DatasetProfile profile = new DatasetProfile(in.readInt());
      profile.rows = in.readLong();
      profile.droppedValues = in.readLong();
      int size = in.readInt();
      for (int i = 0; i < size; i++) {
        String name = in.readUTF();
        profile.columns.put(name, ColumnProfile.fromBytes(ProfileBytes.readBlock(in)));
      }
      return profile;
    } catch (IOException e) {
      throw new IllegalArgumentException("not a dataset profile: " + e.getMessage(), e);
    }
  }

  /** State and summaries as a plain map that JSON can carry; {@link #fromMap} restores it. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rows", rows);
    map.put("columns", summaries());
    map.put("state", Base64.getEncoder().encodeToString(toBytes()));
    return map;
  }

  /**
   * Restores a profile from {@link #toMap}; only {@code state} is read.
   *
   * @throws IllegalArgumentException if {@code state} is absent or damaged
   */
  public static DatasetProfile fromMap(Map<String, ?> map) {
    if (!(map.get("state") instanceof String state)) {
      throw new IllegalArgumentException("state: expected the base64 text of a dataset profile");
    }
    return fromBytes(Base64.getDecoder().decode(state));
  }
}
