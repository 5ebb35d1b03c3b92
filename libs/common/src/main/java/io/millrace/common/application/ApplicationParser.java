// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.serde.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads application files: YAML or JSON, checked against the published JSON Schema and then for
 * meaning (names, types, expressions). Everything that is wrong is reported at once. Thread-safe.
 */
public final class ApplicationParser {
  /** Greatest size of a file. */
  public static final int BYTES_MAX = DocumentReader.BYTES_MAX;

  private ApplicationParser() {}

  /**
   * Parses and checks a file.
   *
   * @param bytes UTF-8
   */
  public static ParsedApplication parse(byte[] bytes) {
    Problems problems = new Problems();
    JsonNode tree = new DocumentReader(problems).read(bytes);
    if (tree == null) {
      return new ParsedApplication.Invalid(problems.found());
    }
    List<DefinitionProblem> violations = SchemaCheck.check(tree);
    violations.forEach(each -> problems.add(each.path(), each.rule(), each.message()));
    // Without a required part there is nothing to take the meaning of.
    boolean complete = violations.stream().noneMatch(each -> each.rule().equals("required"));
    ApplicationDefinition definition = complete ? map(tree, problems) : null;
    if (definition != null) {
      Problems meaning = new Problems();
      SemanticCheck.check(definition, meaning);
      problems.addAllNew(meaning);
    }
    return definition == null || !problems.found().isEmpty()
        ? new ParsedApplication.Invalid(problems.found())
        : new ParsedApplication.Valid(definition, hash(definition));
  }

  /** The published JSON Schema (draft 2020-12). */
  public static byte[] schema() {
    return SchemaCheck.text();
  }

  /** SHA-256 of the canonical JSON of a definition, lower-case hex: equal content, equal hash. */
  public static String hash(ApplicationDefinition definition) {
    try {
      byte[] canonical = Json.canonical().writeValueAsBytes(definition);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static @Nullable ApplicationDefinition map(JsonNode tree, Problems problems) {
    try {
      return Json.mapper().treeToValue(tree, ApplicationDefinition.class);
    } catch (JacksonException e) {
      if (problems.found().isEmpty()) {
        problems.add("", "malformed", String.valueOf(e.getOriginalMessage()));
      }
      return null;
    }
  }
}
