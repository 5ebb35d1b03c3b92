// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.common.serde.Json;
import io.millrace.features.view.FeatureKind;
import io.millrace.features.view.FeatureStatus;
import io.millrace.featurestore.online.OnlineBlock;
import io.millrace.featurestore.online.OnlineFeatures;
import io.millrace.featurestore.view.FeatureGroup;
import io.millrace.featurestore.view.FeatureSet;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Writes answers as JSON, row by row or column by column. */
final class OnlineJson {
  private static final String[] STATUS =
      Arrays.stream(FeatureStatus.values())
          .map(status -> status.name().toLowerCase(Locale.ROOT))
          .toArray(String[]::new);

  private static final String DENIED = "denied";
  private static final int PRESENT = FeatureStatus.PRESENT.ordinal();
  private static final int BYTES_A_VALUE = 12;

  private final OnlineBlock block;
  private final FeatureSet features;
  private final boolean[] denied;
  private final JsonGenerator json;

  private OnlineJson(OnlineFeatures.Answer answer, JsonGenerator json) {
    this.block = answer.block();
    this.features = block.features();
    this.json = json;
    this.denied = new boolean[features.names().size()];
    for (int column = 0; column < denied.length; column++) {
      denied[column] = answer.isDenied(column);
    }
  }

  /**
   * An answer as JSON.
   *
   * @param columns whether column by column
   */
  static byte[] write(OnlineFeatures.Answer answer, long asOfMs, boolean columns) {
    OnlineBlock block = answer.block();
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(
            256 + BYTES_A_VALUE * block.rows() * block.features().names().size());
    try (JsonGenerator json = Json.mapper().createGenerator(out)) {
      OnlineJson writer = new OnlineJson(answer, json);
      json.writeStartObject();
      json.writeNumberProperty("asOf", asOfMs);
      json.writeArrayPropertyStart("names");
      block.features().names().forEach(json::writeString);
      json.writeEndArray();
      if (!answer.denied().isEmpty()) {
        json.writeArrayPropertyStart("denied");
        answer.denied().forEach(json::writeString);
        json.writeEndArray();
      }
      if (columns) {
        writer.columns();
      } else {
        writer.rows();
      }
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private void rows() {
    json.writeArrayPropertyStart("rows");
    for (int row = 0; row < block.rows(); row++) {
      json.writeStartObject();
      json.writeArrayPropertyStart("values");
      for (int column = 0; column < denied.length; column++) {
        value(row, column);
      }
      json.writeEndArray();
      json.writeArrayPropertyStart("status");
      for (int column = 0; column < denied.length; column++) {
        json.writeString(denied[column] ? DENIED : STATUS[block.status(row, column)]);
      }
      json.writeEndArray();
      states(row);
      json.writeArrayPropertyStart("ageMs");
      for (int column = 0; column < denied.length; column++) {
        age(row, features.group(column));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void states(int row) {
    json.writeObjectPropertyStart("states");
    for (FeatureSet.View view : features.views()) {
      long version = block.version(row, view.group());
      if (version >= 0) {
        json.writeNumberProperty(
            view.plan().viewName() + ":" + block.key(row, view.group()), version);
      }
    }
    json.writeEndObject();
  }

  private void columns() {
    json.writeNumberProperty("count", block.rows());
    json.writeArrayPropertyStart("columns");
    for (int column = 0; column < denied.length; column++) {
      json.writeStartArray();
      for (int row = 0; row < block.rows(); row++) {
        value(row, column);
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("status");
    for (int column = 0; column < denied.length; column++) {
      json.writeString(codes(column));
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("groups");
    for (int group = 0; group < features.groups().size(); group++) {
      group(group);
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("groupOf");
    for (int column = 0; column < denied.length; column++) {
      json.writeNumber(features.group(column));
    }
    json.writeEndArray();
  }

  /** A letter for each row; none where all values are present. */
  private String codes(int column) {
    StringBuilder codes = new StringBuilder();
    boolean all = true;
    for (int row = 0; row < block.rows(); row++) {
      int status = block.status(row, column);
      all &= status == PRESENT && !denied[column];
      codes.append(denied[column] ? DENIED.charAt(0) : STATUS[status].charAt(0));
    }
    return all ? "" : codes.toString();
  }

  private void group(int group) {
    FeatureGroup about = features.groups().get(group);
    json.writeStartObject();
    json.writeStringProperty("name", about.name());
    json.writeStringProperty("entity", about.entity());
    json.writeArrayPropertyStart("ageMs");
    for (int row = 0; row < block.rows(); row++) {
      age(row, group);
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("versions");
    for (int row = 0; row < block.rows(); row++) {
      json.writeNumber(Math.max(0, block.version(row, group)));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void value(int row, int column) {
    if (denied[column] || block.status(row, column) != PRESENT) {
      json.writeNull();
    } else if (features.kind(column) == FeatureKind.NUMBER) {
      json.writeNumber(block.number(row, column));
    } else {
      other(block.other(row, column));
    }
  }

  private void other(@Nullable Object value) {
    if (value instanceof String text) {
      json.writeString(text);
    } else {
      json.writePOJO(value);
    }
  }

  private void age(int row, int group) {
    if (block.version(row, group) > 0) {
      json.writeNumber(block.ageMs(row, group));
    } else {
      json.writeNull();
    }
  }
}
