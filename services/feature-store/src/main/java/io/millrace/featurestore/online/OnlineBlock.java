// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.features.view.FeatureKind;
import io.millrace.features.view.FeatureStatus;
import io.millrace.featurestore.view.FeatureSet;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one read, in primitive arrays that are used again by later reads: valid only while
 * {@link OnlineReader#read} runs its consumer. Not thread-safe.
 */
public final class OnlineBlock {
  /** No key of the group's entity in the row. */
  static final long NO_KEY = -1;

  private final FeatureSet features;
  private final boolean onlyNumbers;
  private int rows;
  double[] numbers = {};
  @Nullable Object[] others = {};
  byte[] status = {};
  private long[] versions = {};
  private long[] ages = {};
  @Nullable String[][] keys = {};

  OnlineBlock(FeatureSet features) {
    this.features = features;
    this.onlyNumbers = features.views().stream().allMatch(FeatureSet.View::isNumeric);
  }

  /** Makes room for so many rows, all of them missing. */
  void reset(int count) {
    int cells = count * features.width();
    int groups = count * features.groups().size();
    if (numbers.length < cells) {
      numbers = new double[cells];
      others = onlyNumbers ? others : new Object[cells];
      status = new byte[cells];
    }
    if (versions.length < groups) {
      versions = new long[groups];
      ages = new long[groups];
    }
    if (!onlyNumbers) {
      Arrays.fill(others, 0, cells, null);
    }
    rows = count;
  }

  /** Says of a row's state in a group what {@link #version} and {@link #ageMs} give. */
  void state(int group, int row, long version, long ageMs) {
    int at = row * features.groups().size() + group;
    versions[at] = version;
    ages[at] = ageMs;
  }

  /** Cells that the arrays hold. */
  int capacity() {
    return numbers.length;
  }

  public FeatureSet features() {
    return features;
  }

  public int rows() {
    return rows;
  }

  /** An ordinal of {@link FeatureStatus}. */
  public int status(int row, int column) {
    return status[row * features.width() + features.slot(column)];
  }

  /** The value of a column of numbers; NaN where it is not present. */
  public double number(int row, int column) {
    return numbers[row * features.width() + features.slot(column)];
  }

  /** The value of a column of text, lists or maps; null where it is not present. */
  public @Nullable Object other(int row, int column) {
    return others[row * features.width() + features.slot(column)];
  }

  /** The key of a row in a group; null where it has none. */
  public @Nullable String key(int row, int group) {
    return keys[group][row];
  }

  /** Events applied to a row's state of a group; 0 for an unknown key, negative without a key. */
  public long version(int row, int group) {
    return versions[row * features.groups().size() + group];
  }

  /** Moment minus the state's greatest event time, ms; meaningless where the version is not > 0. */
  public long ageMs(int row, int group) {
    return ages[row * features.groups().size() + group];
  }

  /** {@code view:key} → version, of the views that the row has a key for. */
  public Map<String, Long> states(int row) {
    Map<String, Long> states = new TreeMap<>();
    for (FeatureSet.View view : features.views()) {
      long version = version(row, view.group());
      if (version >= 0) {
        states.put(view.plan().viewName() + ":" + key(row, view.group()), version);
      }
    }
    return states;
  }

  /** {@code view.feature} → Double, String, List or Map; null where not present. */
  public Map<String, @Nullable Object> values(int row) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int column = 0; column < features.names().size(); column++) {
      values.put(features.names().get(column), value(row, column));
    }
    return values;
  }

  /** Double, String, List or Map; null where not present. */
  public @Nullable Object value(int row, int column) {
    if (status(row, column) != FeatureStatus.PRESENT.ordinal()) {
      return null;
    }
    return features.kind(column) == FeatureKind.NUMBER
        ? (Object) number(row, column)
        : other(row, column);
  }
}
