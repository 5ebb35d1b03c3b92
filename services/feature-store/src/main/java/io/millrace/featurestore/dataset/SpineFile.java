// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EntityKey;
import io.millrace.features.definition.FieldType;
import io.millrace.featurestore.dataset.DatasetPlan.FieldColumn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a file that somebody sent, in its order: {@code moment}, a column for each entity
 * ({@code customer} or {@code entity.customer}; of a key of several fields that or a column for
 * each: {@code basket.store} or {@code entity.basket.store}), and where it has them {@code
 * known_at} (the moment itself without), {@code id} (the row's number without), {@code label},
 * {@code weight} and fields of the deciding event ({@code event.country}). Every other column is
 * kept as it is.
 */
final class SpineFile implements SpineSource {
  private static final Set<String> OWN =
      Set.of("label_provenance", "split", "prediction_id", "entity");

  private final SpineTable.Opener opener;
  private final Path file;
  private final DatasetPlan plan;
  private final ApplicationDefinition definition;
  private final SpineKeys keys;
  private final boolean pseudonymous;
  private final List<String> extras = new ArrayList<>();
  private final Map<String, Integer> columns = new HashMap<>();

  /** Entity → index of its column. */
  private final Map<String, Integer> entityColumns = new HashMap<>();

  /** Entity with a key of several fields → field → index of its column. */
  private final Map<String, Map<String, Integer>> partColumns = new HashMap<>();

  private SpineFile(
      SpineTable.Opener opener, Path file, DatasetPlan plan, SpineKeys keys, boolean pseudonymous) {
    this.opener = opener;
    this.file = file;
    this.plan = plan;
    this.definition = plan.generation().definition();
    this.keys = keys;
    this.pseudonymous = pseudonymous;
  }

  /**
   * Reads its header.
   *
   * @throws IllegalArgumentException naming the column and the rule
   */
  static SpineFile of(
      SpineTable.Opener opener, Path file, DatasetPlan plan, SpineKeys keys, boolean pseudonymous)
      throws IOException {
    SpineFile spine = new SpineFile(opener, file, plan, keys, pseudonymous);
    try (SpineTable table = opener.open(file)) {
      spine.header(table.columns());
    }
    return spine;
  }

  private void header(List<String> names) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (!seen.add(name)) {
        throw new IllegalArgumentException("two columns of the spine are named '" + name + "'");
      }
      String entity = name.startsWith("entity.") ? name.substring("entity.".length()) : name;
      if (plan.entities().contains(entity)) {
        if (entityColumns.put(entity, i) != null) {
          throw new IllegalArgumentException(
              "two columns of the spine hold entity '" + entity + "'");
        }
      } else if (isPart(entity, i)) {
        continue;
      } else if (Set.of("moment", "known_at", "id", "label", "weight").contains(name)
          || plan.fields().containsKey(name)) {
        columns.put(name, i);
      } else if (OWN.contains(name) || plan.names().contains(name)) {
        throw new IllegalArgumentException(
            "column '" + name + "' of the spine would stand beside the dataset's own of that name");
      } else {
        columns.put(name, i);
        extras.add(name);
      }
    }
    if (!columns.containsKey("moment")) {
      throw new IllegalArgumentException("the spine has no column 'moment'; it has " + names);
    }
    partColumns.forEach(this::checkParts);
    if (entityColumns.isEmpty() && partColumns.isEmpty()) {
      throw new IllegalArgumentException(
          "the spine has no column of an entity; there are " + plan.entities());
    }
  }

  /** Takes a column that is a part of a key. */
  private boolean isPart(String name, int column) {
    for (Map.Entry<String, EntityDefinition> entity : definition.entities().entrySet()) {
      EntityKey key = entity.getValue().key();
      if (key == null || !key.isComposite() || !name.startsWith(entity.getKey() + ".")) {
        continue;
      }
      String field = name.substring(entity.getKey().length() + 1);
      if (key.fields().contains(field)) {
        if (partColumns.computeIfAbsent(entity.getKey(), each -> new HashMap<>()).put(field, column)
            != null) {
          throw new IllegalArgumentException("two columns of the spine hold '" + name + "'");
        }
        return true;
      }
    }
    return false;
  }

  private void checkParts(String entity, Map<String, Integer> parts) {
    if (entityColumns.containsKey(entity)) {
      throw new IllegalArgumentException(
          "the spine has a column of entity '" + entity + "' and columns of its parts");
    }
    EntityDefinition declared = definition.entities().get(entity);
    for (String field : declared == null ? List.<String>of() : declared.keyFields()) {
      if (!parts.containsKey(field)) {
        throw new IllegalArgumentException(
            "the spine has no column '" + entity + "." + field + "', a part of the key");
      }
    }
  }

  @Override
  public List<String> extras() {
    return List.copyOf(extras);
  }

  @Override
  public void read(Consumer<Spine.Row> rows) throws IOException {
    List<String> values = new ArrayList<>();
    for (Map.Entry<String, FieldColumn> field : plan.fields().entrySet()) {
      values.add(field.getKey());
    }
    values.addAll(extras);
    try (SpineTable table = opener.open(file)) {
      long number = 0;
      for (@Nullable Object[] cells = table.next(); cells != null; cells = table.next()) {
        try {
          rows.accept(row(cells, number++, values));
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(table.place() + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private Spine.Row row(@Nullable Object[] cells, long number, List<String> values) {
    Long moment = time("moment", cell(cells, "moment"));
    if (moment == null) {
      throw new IllegalArgumentException("moment: is missing");
    }
    Long knownAt = time("known_at", cell(cells, "known_at"));
    Map<String, @Nullable Object> sent = new HashMap<>();
    entityColumns.forEach((entity, column) -> sent.put(entity, cells[column]));
    partColumns.forEach(
        (entity, fields) -> {
          Map<String, @Nullable Object> parts = new HashMap<>();
          fields.forEach((field, column) -> parts.put(field, cells[column]));
          sent.put(entity, parts);
        });
    Object id = cell(cells, "id");
    Double label = number("label", cell(cells, "label"));
    Double weight = number("weight", cell(cells, "weight"));
    if (weight != null && !(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("weight: must be a number from 0");
    }
    @Nullable Object[] fields = new Object[values.size()];
    for (int i = 0; i < fields.length; i++) {
      FieldColumn field = plan.fields().get(values.get(i));
      Object value = cell(cells, values.get(i));
      fields[i] = field == null ? value : typed(values.get(i), field.type(), value);
    }
    return new Spine.Row(
        id == null ? Long.toString(number) : id.toString(),
        moment,
        knownAt == null ? moment : knownAt,
        plan.keys(keys.of(definition, sent, pseudonymous)),
        label == null ? Double.NaN : label,
        label == null ? null : "SPINE",
        weight == null ? 1 : weight,
        fields);
  }

  private @Nullable Object cell(@Nullable Object[] cells, String name) {
    Integer column = columns.get(name);
    return column == null ? null : cells[column];
  }

  /** A field's text in the field's type, as it would be in the deciding event. */
  private static @Nullable Object typed(String name, FieldType type, @Nullable Object value) {
    if (!(value instanceof String text)) {
      return value;
    }
    return switch (type) {
      case STRING, DYNAMIC -> text;
      case NUMBER -> number(name, text);
      case INTEGER -> {
        Double number = number(name, text);
        yield number != null && number == Math.rint(number) ? (Object) number.longValue() : null;
      }
      case BOOLEAN -> text.equalsIgnoreCase("true") || text.equals("1");
      case TIMESTAMP -> time(name, text);
    };
  }

  private static @Nullable Double number(String name, @Nullable Object cell) {
    return switch (cell) {
      case null -> null;
      case Number number -> number.doubleValue();
      case Boolean truth -> truth ? 1.0 : 0.0;
      case String text -> {
        try {
          yield Double.valueOf(text.strip());
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(name + ": '" + text + "' is no number", e);
        }
      }
      default -> throw new IllegalArgumentException(name + ": is no number");
    };
  }

  private static @Nullable Long time(String name, @Nullable Object cell) {
    return switch (cell) {
      case null -> null;
      case Long ms -> ms;
      case Double ms when ms == Math.rint(ms) -> ms.longValue();
      case String text when text.matches("-?\\d{1,18}") -> Long.valueOf(text);
      case String text -> parsed(name, text.strip());
      default ->
          throw new IllegalArgumentException(
              name + ": write milliseconds since the epoch, or RFC 3339");
    };
  }

  private static long parsed(String name, String text) {
    try {
      String iso = text.replace(' ', 'T');
      return iso.matches(".*(Z|[+-]\\d\\d:?\\d\\d)$") && iso.indexOf('T') > 0
          ? OffsetDateTime.parse(iso).toInstant().toEpochMilli()
          : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC).toEpochMilli();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          name
              + ": '"
              + text
              + "' is no moment; write milliseconds since the epoch, RFC 3339, or a UTC date and"
              + " time",
          e);
    }
  }

  @Override
  public long decidedBy(long momentMs) {
    return momentMs;
  }
}
