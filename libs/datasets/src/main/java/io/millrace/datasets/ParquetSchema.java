// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import static io.millrace.datasets.DatasetException.required;

import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.MilliSeconds;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.TimestampType;
import org.apache.parquet.format.Type;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** Flat schemas of optional columns, in Parquet's own model and in that of its footer. */
final class ParquetSchema {
  private static final String ROOT = "dataset";

  private ParquetSchema() {}

  static MessageType message(List<Column> columns) {
    return new MessageType(ROOT, columns.stream().map(ParquetSchema::field).toList());
  }

  private static org.apache.parquet.schema.Type field(Column column) {
    return switch (column.type()) {
      case NUMBER -> Types.optional(PrimitiveTypeName.DOUBLE).named(column.name());
      case INTEGER -> Types.optional(PrimitiveTypeName.INT64).named(column.name());
      case BOOLEAN -> Types.optional(PrimitiveTypeName.BOOLEAN).named(column.name());
      case TIMESTAMP ->
          Types.optional(PrimitiveTypeName.INT64)
              .as(LogicalTypeAnnotation.timestampType(true, LogicalTypeAnnotation.TimeUnit.MILLIS))
              .named(column.name());
      case TEXT ->
          Types.optional(PrimitiveTypeName.BINARY)
              .as(LogicalTypeAnnotation.stringType())
              .named(column.name());
    };
  }

  static Type physical(ColumnType type) {
    return switch (type) {
      case NUMBER -> Type.DOUBLE;
      case INTEGER, TIMESTAMP -> Type.INT64;
      case BOOLEAN -> Type.BOOLEAN;
      case TEXT -> Type.BYTE_ARRAY;
    };
  }

  static List<SchemaElement> elements(List<Column> columns) {
    List<SchemaElement> elements = new ArrayList<>();
    elements.add(new SchemaElement(ROOT).setNum_children(columns.size()));
    for (Column column : columns) {
      SchemaElement element =
          new SchemaElement(column.name())
              .setType(physical(column.type()))
              .setRepetition_type(FieldRepetitionType.OPTIONAL);
      switch (column.type()) {
        case TEXT ->
            element
                .setConverted_type(ConvertedType.UTF8)
                .setLogicalType(LogicalType.STRING(new StringType()));
        case TIMESTAMP ->
            element
                .setConverted_type(ConvertedType.TIMESTAMP_MILLIS)
                .setLogicalType(
                    LogicalType.TIMESTAMP(
                        new TimestampType(true, TimeUnit.MILLIS(new MilliSeconds()))));
        case NUMBER, INTEGER, BOOLEAN -> {}
      }
      elements.add(element);
    }
    return elements;
  }

  /**
   * The columns of a footer.
   *
   * @throws DatasetException where the file has nested, repeated or other types
   */
  static List<Column> columns(List<SchemaElement> elements) {
    List<Column> columns = new ArrayList<>();
    for (SchemaElement element : elements.subList(1, elements.size())) {
      if (element.isSetNum_children()
          || element.getRepetition_type() != FieldRepetitionType.OPTIONAL) {
        throw new DatasetException(
            "column '" + element.getName() + "' is not a flat optional column");
      }
      columns.add(new Column(required(element.getName(), "column name"), type(element)));
    }
    return columns;
  }

  private static ColumnType type(SchemaElement element) {
    return switch (required(element.getType(), "column type")) {
      case DOUBLE -> ColumnType.NUMBER;
      case INT64 ->
          element.isSetConverted_type()
                  && element.getConverted_type() == ConvertedType.TIMESTAMP_MILLIS
              ? ColumnType.TIMESTAMP
              : ColumnType.INTEGER;
      case BOOLEAN -> ColumnType.BOOLEAN;
      case BYTE_ARRAY -> ColumnType.TEXT;
      default ->
          throw new DatasetException(
              "column '" + element.getName() + "' has type " + element.getType());
    };
  }
}
