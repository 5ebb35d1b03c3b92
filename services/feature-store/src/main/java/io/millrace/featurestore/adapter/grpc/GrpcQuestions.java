// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.grpc;

import io.millrace.featurestore.online.InvalidQuestionException;
import io.millrace.featurestore.online.OnlineQuestion;
import io.millrace.onlineapi.KeyColumn;
import io.millrace.onlineapi.ReadRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Questions as calls carry them. */
final class GrpcQuestions {
  private GrpcQuestions() {}

  static OnlineQuestion of(ReadRequest request, long asOfMs) {
    int rows = request.getKeysCount() == 0 ? 1 : request.getKeys(0).getValuesCount();
    long[] moments = new long[rows];
    if (request.getAtsMsCount() == 0) {
      Arrays.fill(moments, asOfMs);
    } else if (request.getAtsMsCount() == rows) {
      for (int row = 0; row < rows; row++) {
        moments[row] = request.getAtsMs(row);
      }
    } else {
      throw new InvalidQuestionException("ats_ms", "size", "send one moment for each of the rows");
    }
    Map<String, @Nullable Object[]> keys = new HashMap<>();
    for (KeyColumn column : request.getKeysList()) {
      if (column.getField().isEmpty()) {
        keys.put(column.getEntity(), values(column));
      } else {
        parts(keys, column, rows);
      }
    }
    return new OnlineQuestion(
        chosen(request.getViewsList()),
        chosen(request.getFeaturesList()),
        keys,
        moments,
        request.getPseudonymous());
  }

  /** Puts the parts of a column to those that other columns of the entity have brought. */
  private static void parts(Map<String, @Nullable Object[]> keys, KeyColumn column, int rows) {
    if (column.getValuesCount() != rows) {
      throw new InvalidQuestionException(
          "keys.values", "size", "all columns of keys have the same number of values");
    }
    @Nullable Object[] values =
        keys.computeIfAbsent(column.getEntity(), entity -> new Object[rows]);
    for (int row = 0; row < rows; row++) {
      String part = column.getValues(row);
      if (part.isEmpty()) {
        continue;
      }
      if (values[row] instanceof Parts parts) {
        parts.put(column.getField(), part);
      } else if (values[row] == null) {
        values[row] = new Parts(column.getField(), part);
      } else {
        throw new InvalidQuestionException(
            "keys.field",
            "field",
            "'" + column.getEntity() + "' has columns with and without a field");
      }
    }
  }

  /** Field → part of one row's key. */
  private static final class Parts extends HashMap<String, String> {
    private static final long serialVersionUID = 1L;

    Parts(String field, String part) {
      super(4);
      put(field, part);
    }
  }

  private static @Nullable Object[] values(KeyColumn column) {
    @Nullable Object[] values = new Object[column.getValuesCount()];
    for (int row = 0; row < values.length; row++) {
      String text = column.getValues(row);
      values[row] = text.isEmpty() ? null : text;
    }
    return values;
  }

  /** An absent list is one that says nothing. */
  private static @Nullable List<String> chosen(List<String> names) {
    return names.isEmpty() ? null : List.copyOf(names);
  }
}
