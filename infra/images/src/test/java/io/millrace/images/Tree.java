// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/**
 * A YAML or JSON document, or a part of one. What is absent reads as an empty part, so that a rule
 * reports what is missing instead of failing on it.
 */
record Tree(@Nullable Object value) {

  static Tree read(Path file) throws IOException {
    return new Tree(new Yaml().load(Files.readString(file)));
  }

  Tree at(String... path) {
    Object here = value;
    for (String step : path) {
      here = here instanceof Map<?, ?> map ? map.get(step) : null;
    }
    return new Tree(here);
  }

  boolean exists() {
    return value != null;
  }

  /** The value as text; empty where there is none. */
  String text() {
    return value == null ? "" : value.toString();
  }

  List<Tree> items() {
    return value instanceof List<?> list ? list.stream().map(Tree::new).toList() : List.of();
  }

  List<String> texts() {
    return items().stream().map(Tree::text).toList();
  }

  /** The parts by key, in the document's order. */
  Map<String, Tree> entries() {
    var entries = new LinkedHashMap<String, Tree>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, part) -> entries.put(String.valueOf(key), new Tree(part)));
    }
    return entries;
  }
}
