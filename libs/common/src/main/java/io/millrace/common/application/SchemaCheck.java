// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The published JSON Schema of application files. Thread-safe. */
final class SchemaCheck {
  private static final byte[] TEXT = load();
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(new String(TEXT, StandardCharsets.UTF_8));

  private SchemaCheck() {}

  static byte[] text() {
    return TEXT.clone();
  }

  /** Every violation; the path of an unknown or missing property names that property. */
  static List<DefinitionProblem> check(JsonNode tree) {
    return SCHEMA.validate(tree).stream().map(SchemaCheck::problem).toList();
  }

  private static DefinitionProblem problem(Error error) {
    StringBuilder path = new StringBuilder();
    NodePath location = error.getInstanceLocation();
    for (int i = 0; i < location.getNameCount(); i++) {
      if (location.getElement(i) instanceof Integer index) {
        path.append('[').append(index).append(']');
      } else {
        append(path, String.valueOf(location.getElement(i)));
      }
    }
    String keyword = String.valueOf(error.getKeyword());
    String property = error.getProperty();
    if (property != null
        && (keyword.equals("additionalProperties") || keyword.equals("required"))) {
      append(path, property);
    }
    String rule = keyword.equals("additionalProperties") ? "unknown-property" : keyword;
    return new DefinitionProblem(path.toString(), rule, message(error));
  }

  /** The validator's text without its leading location, which the path says already. */
  private static String message(Error error) {
    String message = String.valueOf(error.getMessage());
    String location = error.getInstanceLocation().toString();
    return !location.isEmpty() && message.startsWith(location + ": ")
        ? message.substring(location.length() + 2)
        : message;
  }

  private static void append(StringBuilder path, String name) {
    if (!path.isEmpty()) {
      path.append('.');
    }
    path.append(name);
  }

  private static byte[] load() {
    try (InputStream in = SchemaCheck.class.getResourceAsStream("application.schema.json")) {
      if (in == null) {
        throw new IllegalStateException("application.schema.json is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
