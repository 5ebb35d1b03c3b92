// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.serde;

import io.millrace.common.contract.Event;
import io.millrace.common.contract.Fields;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Events as CloudEvents 1.0 in the binary mode of the Kafka protocol binding: attributes in {@code
 * ce_*} headers, data as JSON in the value. {@code ce_type} is {@code <app>.<event>}, {@code
 * ce_subject} the entity key, the extension {@code ce_knownat} the known-at time. Numbers without
 * fraction or exponent read back as Long, others as Double. Thread-safe.
 */
public final class EventSerde implements Serde<Event> {
  private static final byte[] SPEC_VERSION = ascii("1.0");
  private static final byte[] JSON_TYPE = ascii("application/json");
  private static final long NOT_USUAL = Long.MIN_VALUE;

  @Override
  public Serializer<Event> serializer() {
    return new Serializer<>() {
      @Override
      public byte @Nullable [] serialize(String topic, @Nullable Event event) {
        throw new SerializationException("an Event needs record headers");
      }

      @Override
      public byte @Nullable [] serialize(String topic, Headers headers, @Nullable Event event) {
        if (event == null) {
          return null;
        }
        writeHeaders(event, headers);
        return writeData(event.data());
      }
    };
  }

  @Override
  public Deserializer<Event> deserializer() {
    return new Deserializer<>() {
      @Override
      public @Nullable Event deserialize(String topic, byte[] bytes) {
        throw new SerializationException("an Event needs record headers");
      }

      @Override
      public @Nullable Event deserialize(String topic, Headers headers, byte @Nullable [] bytes) {
        return bytes == null ? null : read(headers, bytes, null, null);
      }
    };
  }

  /** Sets the CloudEvents attributes; an attribute that is there already is replaced. */
  public static void writeHeaders(Event event, Headers headers) {
    put(headers, "ce_specversion", SPEC_VERSION);
    put(headers, "ce_id", event.id().getBytes(StandardCharsets.UTF_8));
    put(headers, "ce_source", ascii("/millrace/" + event.app()));
    put(headers, "ce_type", ascii(event.app() + "." + event.name()));
    put(headers, "ce_time", ascii(Instant.ofEpochMilli(event.eventTimeMs()).toString()));
    put(headers, "ce_knownat", ascii(Instant.ofEpochMilli(event.knownAtMs()).toString()));
    if (event.key() != null) {
      put(headers, "ce_subject", event.key().getBytes(StandardCharsets.UTF_8));
    }
    put(headers, "content-type", JSON_TYPE);
  }

  private static void put(Headers headers, String name, byte[] value) {
    headers.remove(name);
    headers.add(name, value);
  }

  /** The data as one JSON object. */
  public static byte[] writeData(Map<String, Object> data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = Json.mapper().createGenerator(out)) {
      json.writeStartObject();
      for (Map.Entry<String, Object> field : data.entrySet()) {
        json.writeName(field.getKey());
        switch (field.getValue()) {
          case String text -> json.writeString(text);
          case Long number -> json.writeNumber(number);
          case Double number -> json.writeNumber(number);
          case Boolean flag -> json.writeBoolean(flag);
          default ->
              throw new SerializationException(
                  "field '" + field.getKey() + "' has no canonical type");
        }
      }
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  /**
   * Reads only some fields of the data; what else must be right of a record is checked all the
   * same.
   *
   * @param fields names of the fields to keep
   */
  public static Deserializer<Event> deserializer(Set<String> fields) {
    Set<String> kept = Set.copyOf(fields);
    // It looks through all names for each field, which many names are too many for.
    FlatJson usual = kept.size() <= Fields.MOST ? new FlatJson(kept) : null;
    return new Deserializer<>() {
      @Override
      public @Nullable Event deserialize(String topic, byte[] bytes) {
        throw new SerializationException("an Event needs record headers");
      }

      @Override
      public @Nullable Event deserialize(String topic, Headers headers, byte @Nullable [] bytes) {
        return bytes == null ? null : read(headers, bytes, kept, usual);
      }
    };
  }

  private static Event read(
      Headers headers, byte[] bytes, @Nullable Set<String> kept, @Nullable FlatJson usual) {
    byte @Nullable [] type = null;
    byte @Nullable [] id = null;
    byte @Nullable [] subject = null;
    byte @Nullable [] time = null;
    byte @Nullable [] knownAt = null;
    // One pass, and no search for each: of equal names the last one counts.
    for (Header header : headers) {
      switch (header.key()) {
        case "ce_type" -> type = header.value();
        case "ce_id" -> id = header.value();
        case "ce_subject" -> subject = header.value();
        case "ce_time" -> time = header.value();
        case "ce_knownat" -> knownAt = header.value();
        default -> {
          // Somebody else's.
        }
      }
    }
    // What is wrong with the headers is said first.
    Type known = Type.of(required("ce_type", type));
    return new Event(
        known.app(),
        known.event(),
        text(required("ce_id", id)),
        subject == null ? null : text(subject),
        millis("ce_time", time),
        millis("ce_knownat", knownAt),
        data(bytes, kept, usual));
  }

  private static Map<String, Object> data(
      byte[] bytes, @Nullable Set<String> kept, @Nullable FlatJson usual) {
    Map<String, Object> data = usual == null ? null : usual.read(bytes);
    return data == null ? readData(bytes, kept) : data;
  }

  /**
   * {@code <app>.<event>} taken apart. A reader sees the same again and again.
   *
   * @param bytes as in the header
   */
  private record Type(byte[] bytes, String app, String event) {
    private static final ThreadLocal<@Nullable Type> LAST = new ThreadLocal<>();

    static Type of(byte[] bytes) {
      Type last = LAST.get();
      if (last != null && Arrays.equals(last.bytes(), bytes)) {
        return last;
      }
      String text = text(bytes);
      int dot = text.indexOf('.');
      if (dot < 0) {
        throw new SerializationException("ce_type '" + text + "' is not <app>.<event>");
      }
      Type type = new Type(bytes, text.substring(0, dot), text.substring(dot + 1));
      LAST.set(type);
      return type;
    }
  }

  /**
   * Reads a flat JSON object of canonical values; null values are left out.
   *
   * @throws SerializationException where it is not one
   */
  public static Map<String, Object> readData(byte[] bytes) {
    return readData(bytes, null);
  }

  private static Map<String, Object> readData(byte[] bytes, @Nullable Set<String> kept) {
    String[] names = new String[Fields.MOST];
    Object[] values = new Object[Fields.MOST];
    int size = 0;
    Map<String, Object> more = null;
    try (JsonParser json = Json.mapper().createParser(bytes)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new SerializationException("event data is not a JSON object");
      }
      String name = json.nextName();
      while (name != null) {
        Object value = value(json, name, kept == null || kept.contains(name));
        if (value != null) {
          int at = more == null ? indexOf(names, size, name) : -1;
          if (at < 0 && size == Fields.MOST && more == null) {
            more = new LinkedHashMap<>(new Fields(names, values, size));
          }
          if (more != null) {
            more.put(name, value);
          } else if (at >= 0) {
            values[at] = value;
          } else {
            names[size] = name;
            values[size++] = value;
          }
        }
        name = json.nextName();
      }
      return more == null ? new Fields(names, values, size) : more;
    } catch (JacksonException e) {
      throw new SerializationException("event data: " + e.getOriginalMessage(), e);
    }
  }

  private static int indexOf(String[] names, int size, String name) {
    for (int i = 0; i < size; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** The value that comes next; null also where it is not kept. */
  private static @Nullable Object value(JsonParser json, String name, boolean keeps) {
    return switch (json.nextToken()) {
      case VALUE_STRING -> keeps ? json.getString() : null;
      // One that no Long holds is an error, whoever wants it.
      case VALUE_NUMBER_INT -> {
        long number = json.getLongValue();
        yield keeps ? (Object) number : null;
      }
      case VALUE_NUMBER_FLOAT -> keeps ? json.getDoubleValue() : null;
      case VALUE_TRUE -> keeps ? Boolean.TRUE : null;
      case VALUE_FALSE -> keeps ? Boolean.FALSE : null;
      case VALUE_NULL -> null;
      default -> throw new SerializationException("field '" + name + "' is not a plain value");
    };
  }

  private static long millis(String name, byte @Nullable [] value) {
    byte[] bytes = required(name, value);
    long usual = usualMillis(bytes);
    if (usual != NOT_USUAL) {
      return usual;
    }
    String text = text(bytes);
    try {
      return Instant.parse(text).toEpochMilli();
    } catch (DateTimeParseException e) {
      throw new SerializationException(name + " '" + text + "' is not RFC 3339", e);
    }
  }

  /**
   * Reads the form in which {@link #writeHeaders} writes: {@code 2026-01-31T23:59:59[.123]Z}.
   * Parsing it as {@link Instant} takes longer than reading the whole event.
   */
  private static long usualMillis(byte[] text) {
    boolean hasMillis = text.length == 24;
    if (!hasMillis && text.length != 20) {
      return NOT_USUAL;
    }
    for (int i = 0; i < text.length; i++) {
      char expected = (hasMillis ? "0000-00-00T00:00:00.000Z" : "0000-00-00T00:00:00Z").charAt(i);
      boolean fits =
          expected == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == (byte) expected;
      if (!fits) {
        return NOT_USUAL;
      }
    }
    int hour = number(text, 11, 13);
    int minute = number(text, 14, 16);
    int second = number(text, 17, 19);
    if (hour > 23 || minute > 59 || second > 59) {
      return NOT_USUAL;
    }
    try {
      long day =
          LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)).toEpochDay();
      return (((day * 24 + hour) * 60 + minute) * 60 + second) * 1000
          + (hasMillis ? number(text, 20, 23) : 0);
    } catch (DateTimeException noSuchDay) {
      return NOT_USUAL;
    }
  }

  private static int number(byte[] digits, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = number * 10 + digits[i] - '0';
    }
    return number;
  }

  private static byte[] required(String name, byte @Nullable [] value) {
    if (value == null) {
      throw new SerializationException("header " + name + " is missing");
    }
    return value;
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
