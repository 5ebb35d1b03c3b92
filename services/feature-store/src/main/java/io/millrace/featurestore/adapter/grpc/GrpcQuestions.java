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
      if (!column.getField().isEmpty()) {
        throw new InvalidQuestionException(
            "keys.field", "field", "'" + column.getEntity() + "' has a key of one field");
      }
      keys.put(column.getEntity(), values(column));
    }
    return new OnlineQuestion(
        chosen(request.getViewsList()),
        chosen(request.getFeaturesList()),
        keys,
        moments,
        request.getPseudonymous());
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
