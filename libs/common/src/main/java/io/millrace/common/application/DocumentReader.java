// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.serde.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Text to tree. YAML 1.2 (core schema) or JSON; a text whose first character is a brace is JSON.
 * Bounded: {@value #BYTES_MAX} bytes, {@value #NODES_MAX} nodes after aliases are expanded, depth
 * {@value #DEPTH_MAX}.
 */
final class DocumentReader {
  static final int BYTES_MAX = 1 << 20;
  static final int NODES_MAX = 100_000;
  static final int DEPTH_MAX = 40;
  private static final int ALIASES_MAX = 200;

  private static final JsonMapper STRICT =
      Json.mapper()
          .rebuild()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Problems problems;
  private int nodes;

  DocumentReader(Problems problems) {
    this.problems = problems;
  }

  /** The tree, or null after reporting why there is none. */
  @Nullable JsonNode read(byte[] bytes) {
    if (bytes.length > BYTES_MAX) {
      problems.add("", "too-large", "an application file has at most " + BYTES_MAX + " bytes");
      return null;
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      problems.add("", "encoding", "the file is not valid UTF-8");
      return null;
    }
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    if (text.isBlank()) {
      problems.add("", "empty", "the file is empty");
      return null;
    }
    try {
      return text.stripLeading().startsWith("{") ? json(text) : yaml(text);
    } catch (TooBig e) {
      problems.add("", "too-large", e.getMessage());
      return null;
    }
  }

  private @Nullable JsonNode json(String text) {
    try {
      JsonNode tree = STRICT.readTree(text);
      return copy(STRICT.convertValue(tree, Object.class), 0);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String where = at == null ? "" : place(at.getLineNr(), at.getColumnNr());
      problems.add(where, "malformed", "not JSON: " + e.getOriginalMessage());
      return null;
    }
  }

  private @Nullable JsonNode yaml(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new CoreSchema())
            .setAllowDuplicateKeys(false)
            .setAllowRecursiveKeys(false)
            .setMaxAliasesForCollections(ALIASES_MAX)
            .setCodePointLimit(BYTES_MAX)
            .build();
    try {
      checkDepth(new Parse(settings).parseString(text));
      return copy(new Load(settings).loadFromString(text), 0);
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark();
      String where = mark.map(at -> place(at.getLine() + 1, at.getColumn() + 1)).orElse("");
      problems.add(where, "malformed", "not YAML: " + e.getProblem());
      return null;
    } catch (YamlEngineException e) {
      problems.add("", "malformed", "not YAML: " + e.getMessage());
      return null;
    }
  }

  /**
   * The loader recurses, the event parser does not: depth is looked at before anything is loaded.
   */
  private static void checkDepth(Iterable<Event> events) {
    int depth = 0;
    for (Event event : events) {
      switch (event.getEventId()) {
        case MappingStart, SequenceStart -> depth++;
        case MappingEnd, SequenceEnd -> depth--;
        default -> {}
      }
      if (depth > DEPTH_MAX) {
        throw new TooBig("the file is nested deeper than " + DEPTH_MAX);
      }
    }
  }

  private static String place(int line, int column) {
    return "line " + line + ", column " + column;
  }

  private JsonNode copy(@Nullable Object value, int depth) {
    nodes++;
    if (nodes > NODES_MAX) {
      throw new TooBig("the file has more than " + NODES_MAX + " values (aliases count each time)");
    }
    if (depth > DEPTH_MAX) {
      throw new TooBig("the file is nested deeper than " + DEPTH_MAX);
    }
    JsonNodeFactory make = JsonNodeFactory.instance;
    return switch (value) {
      case null -> make.nullNode();
      case Map<?, ?> map -> {
        ObjectNode object = make.objectNode();
        map.forEach((key, each) -> object.set(String.valueOf(key), copy(each, depth + 1)));
        yield object;
      }
      case List<?> list -> {
        ArrayNode array = make.arrayNode();
        list.forEach(each -> array.add(copy(each, depth + 1)));
        yield array;
      }
      case Boolean flag -> make.booleanNode(flag);
      case Integer number -> make.numberNode(number);
      case Long number -> make.numberNode(number);
      case java.math.BigInteger number -> make.numberNode(number);
      // A number that JSON cannot write stays text, so that the schema names the place.
      case Double number when Double.isFinite(number) -> make.numberNode(number);
      default -> make.stringNode(value.toString());
    };
  }

  /** Ends the copying of a document that would not fit. */
  private static final class TooBig extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooBig(String message) {
      super(message, null, false, false);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }
}
