// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.definition;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What identifies an entity: one field of the events, or several in an order. Every entity key in
 * the system, whether in a record, a store, a dataset or an answer, is a text that this class
 * makes.
 *
 * <p>Part by part a key is text: the type of a value says nothing, so that 7, 7.0 and "7" are one
 * entity, and true and "true" are one, while 1 and true are two. The key of one field is that text
 * as it is. The key of several fields is the texts of its parts, each with {@code ~} written {@code
 * ~0} and {@code :} written {@code ~1}, joined by {@code :}. No part is empty or blank, so that
 * different parts always give different texts. Immutable.
 *
 * @param fields names of the fields, in order
 */
public record EntityKey(List<String> fields) {
  /** How many fields a key may have. */
  public static final int FIELDS_MAX = 8;

  /** How many characters (UTF-16) a key may have, as it is stored. */
  public static final int LENGTH_MAX = 1024;

  private static final char JOINT = ':';
  private static final char ESCAPE = '~';

  public EntityKey {
    fields = List.copyOf(fields);
  }

  /** The key of one field. */
  public static EntityKey of(String field) {
    return new EntityKey(List.of(field));
  }

  @JsonCreator
  static EntityKey read(Object json) {
    return json instanceof List<?> list
        ? new EntityKey(list.stream().map(String::valueOf).toList())
        : of(String.valueOf(json));
  }

  /** As it is written in an application: the field, or the list of them. */
  @JsonValue
  Object json() {
    return isComposite() ? fields : fields.getFirst();
  }

  /** Whether it has several fields. */
  public boolean isComposite() {
    return fields.size() > 1;
  }

  /** The key in an event's canonical data; null where a part is missing. */
  public @Nullable String in(Map<String, ?> data) {
    if (!isComposite()) {
      return ApplicationDefinition.canonicalKey(data.get(fields.getFirst()));
    }
    StringBuilder text = new StringBuilder();
    for (String field : fields) {
      String part = ApplicationDefinition.canonicalKey(data.get(field));
      if (part == null) {
        return null;
      }
      append(text, part);
    }
    return text.toString();
  }

  /** The first field whose part an event's canonical data lacks; null where it has all. */
  public @Nullable String missing(Map<String, ?> data) {
    for (String field : fields) {
      if (ApplicationDefinition.canonicalKey(data.get(field)) == null) {
        return field;
      }
    }
    return null;
  }

  /** The text of a key with these parts, none of them blank. */
  public static String join(List<String> parts) {
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> append(text, part));
    return text.toString();
  }

  private static void append(StringBuilder text, String part) {
    if (!text.isEmpty()) {
      text.append(JOINT);
    }
    for (int i = 0; i < part.length(); i++) {
      char each = part.charAt(i);
      switch (each) {
        case ESCAPE -> text.append(ESCAPE).append('0');
        case JOINT -> text.append(ESCAPE).append('1');
        default -> text.append(each);
      }
    }
  }

  /**
   * The parts that a text was made of, in the order of the fields.
   *
   * @throws InvalidKeyException where it is the text of no such key
   */
  public List<String> split(String text) {
    if (!isComposite()) {
      return List.of(text);
    }
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (each == JOINT) {
        parts.add(part.toString());
        part.setLength(0);
      } else if (each == ESCAPE) {
        i++;
        char escaped = i < text.length() ? text.charAt(i) : ' ';
        if (escaped != '0' && escaped != '1') {
          throw new InvalidKeyException("", "key-text", "after ~ comes 0 (for ~) or 1 (for :)");
        }
        part.append(escaped == '0' ? ESCAPE : JOINT);
      } else {
        part.append(each);
      }
    }
    parts.add(part.toString());
    if (parts.size() != fields.size() || parts.stream().anyMatch(String::isBlank)) {
      throw new InvalidKeyException(
          "",
          "key-parts",
          "the key has the parts "
              + fields
              + ": send an object of them, or their text joined by :");
    }
    return parts;
  }

  /** Makes the text of a key of what somebody sent. */
  @FunctionalInterface
  public interface Reader {
    /**
     * The key.
     *
     * @param sent its parts by name in a map; or the text of the key; where it has one field, also
     *     its plain value
     * @return null for no key: nothing or a blank text was sent
     * @throws InvalidKeyException naming the part and the rule
     */
    @Nullable String of(@Nullable Object sent);
  }

  /**
   * See {@link Reader}.
   *
   * @param personal (field, part) → what stands for the part
   */
  @Nullable String sent(@Nullable Object sent, BinaryOperator<String> personal) {
    String text;
    if (sent instanceof Map<?, ?> named) {
      text = stored(named(named), personal);
    } else {
      text = scalar("", sent);
      if (text == null) {
        return null;
      }
      // A text that is too long is not looked into.
      text =
          isComposite() && text.length() <= LENGTH_MAX
              ? stored(split(text), personal)
              : personal.apply(fields.getFirst(), text);
    }
    String broken = broken(text);
    if (broken != null) {
      throw new InvalidKeyException("", broken, rule(broken));
    }
    return text;
  }

  private String stored(List<String> parts, BinaryOperator<String> personal) {
    List<String> stored = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      stored.add(personal.apply(fields.get(i), parts.get(i)));
    }
    return join(stored);
  }

  private List<String> named(Map<?, ?> sent) {
    for (Object name : sent.keySet()) {
      if (!fields.contains(String.valueOf(name))) {
        throw new InvalidKeyException(
            String.valueOf(name), "key-parts", "is no part of the key; its parts are " + fields);
      }
    }
    List<String> parts = new ArrayList<>();
    for (String field : fields) {
      String part = scalar(field, sent.get(field));
      if (part == null) {
        throw new InvalidKeyException(field, "missing-key", "is missing: the key needs every part");
      }
      parts.add(part);
    }
    return parts;
  }

  private static @Nullable String scalar(String field, @Nullable Object value) {
    return switch (value) {
      case null -> null;
      case String text -> ApplicationDefinition.canonicalKey(text);
      case Boolean flag -> ApplicationDefinition.canonicalKey(flag);
      case Double number when !Double.isFinite(number) ->
          throw new InvalidKeyException(field, "type", "is not a finite number");
      case Number number -> ApplicationDefinition.canonicalKey(number);
      default ->
          throw new InvalidKeyException(
              field, "type", "is neither a text nor a number nor true or false");
    };
  }

  /**
   * The rule that keeps a text from being stored as a key: {@code key-length}, or {@code key-text}
   * where UTF-8 cannot hold it; null where there is none.
   */
  public static @Nullable String broken(String text) {
    if (text.length() > LENGTH_MAX) {
      return "key-length";
    }
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (Character.isSurrogate(each)) {
        if (i + 1 >= text.length() || !Character.isSurrogatePair(each, text.charAt(i + 1))) {
          return "key-text";
        }
        i++;
      }
    }
    return null;
  }

  /** What a rule of {@link #broken} says. */
  public static String rule(String broken) {
    return broken.equals("key-length")
        ? "an entity key has at most " + LENGTH_MAX + " characters"
        : "an entity key is valid Unicode";
  }

  /** As it is written in an application, so that hashes of definitions with one field stand. */
  @Override
  public String toString() {
    return json().toString();
  }
}
