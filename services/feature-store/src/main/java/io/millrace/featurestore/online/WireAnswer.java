// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.features.view.FeatureKind;
import io.millrace.features.view.FeatureStatus;
import io.millrace.featurestore.view.FeatureSet;
import java.util.function.Function;

/**
 * Writes answers as {@code millrace.features.v1.ReadResponse} of {@code online.proto}, from the
 * arrays of the block to bytes without a message in between. Not thread-safe.
 */
public final class WireAnswer {
  /** The content type over HTTP. */
  public static final String CONTENT_TYPE = "application/x-protobuf";

  private static final int PRESENT = FeatureStatus.PRESENT.ordinal();
  private static final int DENIED = 3;

  /** Of each {@link FeatureStatus}, its number in the protocol. */
  private static final int[] CODES = {0, 1, 2, 4};

  private static final int INTEGERS = 0;
  private static final int DOUBLES = 1;
  private static final int TEXTS = 2;
  private static final int JSON = 3;

  private final OnlineBlock block;
  private final FeatureSet features;
  private final boolean[] denied;
  private final WireBuffer out;
  private final WireBuffer kinds;
  private final WireBuffer integers;
  private final WireBuffer doubles;
  private boolean allPresent = true;

  private WireAnswer(OnlineFeatures.Answer answer) {
    block = answer.block();
    features = block.features();
    int columns = features.names().size();
    int values = block.rows() * columns;
    denied = new boolean[columns];
    for (int column = 0; column < columns; column++) {
      denied[column] = answer.isDenied(column);
    }
    out = new WireBuffer(256 + 4 * values);
    kinds = new WireBuffer(columns);
    integers = new WireBuffer(3 * values + 10 * block.rows());
    doubles = new WireBuffer(16);
  }

  /**
   * An answer as bytes.
   *
   * @param knownLayout the layout that the caller knows the names of; 0 for none
   * @param json writes a list or a map
   */
  public static byte[] write(
      OnlineFeatures.Answer answer, long asOfMs, long knownLayout, Function<Object, byte[]> json) {
    WireAnswer writer = new WireAnswer(answer);
    WireBuffer out = writer.out;
    long layout = writer.features.layoutId();
    out.fieldZigzag(1, asOfMs);
    out.fieldFixed(2, layout);
    out.fieldVarint(3, writer.block.rows());
    if (layout != knownLayout) {
      writer.layout();
    }
    writer.values(json);
    writer.groups();
    answer.denied().forEach(name -> out.fieldText(15, name));
    return out.toBytes();
  }

  private void layout() {
    features.names().forEach(name -> out.fieldText(4, name));
    features.groups().forEach(group -> out.fieldText(11, group.name()));
    WireBuffer of = new WireBuffer(denied.length);
    for (int column = 0; column < denied.length; column++) {
      of.varint(features.group(column));
    }
    out.field(12, of);
  }

  private void values(Function<Object, byte[]> json) {
    for (int column = 0; column < denied.length; column++) {
      boolean isNumber = features.kind(column) == FeatureKind.NUMBER;
      kinds.raw(
          isNumber ? numbers(column) : features.kind(column) == FeatureKind.STRING ? TEXTS : JSON);
      if (allPresent && (!isNumber || denied[column])) {
        allPresent = !denied[column] && isPresent(column);
      }
    }
    out.field(5, kinds);
    if (!allPresent) {
      out.field(6, status());
    }
    out.field(7, integers);
    out.field(8, doubles);
    for (int column = 0; column < denied.length; column++) {
      if (features.kind(column) != FeatureKind.NUMBER && !denied[column]) {
        others(column, json);
      }
    }
  }

  private boolean isPresent(int column) {
    for (int row = 0; row < block.rows(); row++) {
      if (block.status(row, column) != PRESENT) {
        return false;
      }
    }
    return true;
  }

  private WireBuffer status() {
    WireBuffer status = new WireBuffer(block.rows() * denied.length);
    for (int column = 0; column < denied.length; column++) {
      for (int row = 0; row < block.rows(); row++) {
        status.raw(denied[column] ? DENIED : CODES[block.status(row, column)]);
      }
    }
    return status;
  }

  /** Writes a column as integers, and as doubles where one is not whole; returns which. */
  private int numbers(int column) {
    if (denied[column]) {
      return INTEGERS;
    }
    int written =
        integers.wholes(
            block.numbers,
            block.status,
            PRESENT,
            features.slot(column),
            features.width(),
            block.rows());
    if (written < 0) {
      allPresent &= isPresent(column);
      asDoubles(column);
      return DOUBLES;
    }
    allPresent &= written == block.rows();
    return INTEGERS;
  }

  private void asDoubles(int column) {
    for (int row = 0; row < block.rows(); row++) {
      if (block.status(row, column) == PRESENT) {
        doubles.number(block.number(row, column));
      }
    }
  }

  private void others(int column, Function<Object, byte[]> json) {
    for (int row = 0; row < block.rows(); row++) {
      Object value = block.other(row, column);
      if (value == null) {
        continue;
      }
      if (features.kind(column) == FeatureKind.STRING) {
        out.fieldText(9, (String) value);
      } else {
        out.field(10, json.apply(value));
      }
    }
  }

  private void groups() {
    WireBuffer ages = new WireBuffer(16);
    WireBuffer versions = new WireBuffer(16);
    for (int group = 0; group < features.groups().size(); group++) {
      for (int row = 0; row < block.rows(); row++) {
        long version = block.version(row, group);
        ages.zigzag(version > 0 ? block.ageMs(row, group) : 0);
        versions.varint(Math.max(0, version));
      }
    }
    out.field(13, ages);
    out.field(14, versions);
  }
}
