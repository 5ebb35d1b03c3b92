// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.jspecify.annotations.Nullable;

/**
 * The values of a column of a row group as objects, one after the other. A value of the column's
 * dictionary is made once and is the same object in every row. Not thread-safe.
 */
final class Cells extends PrimitiveConverter {
  private final ParquetTable.Field field;
  private @Nullable Object value;
  private @Nullable Dictionary dictionary;
  private @Nullable Object[] terms = new Object[0];
  private boolean[] made = new boolean[0];

  Cells(ParquetTable.Field field) {
    this.field = field;
  }

  /** The value in the current row; null where it is missing. Goes on to the next row. */
  @Nullable Object next(ColumnReader reader) {
    value = null;
    if (reader.getCurrentDefinitionLevel() == reader.getDescriptor().getMaxDefinitionLevel()) {
      reader.writeCurrentValueToConverter();
    }
    reader.consume();
    return value;
  }

  /** What Parquet's readers ask for: the converter of the only column. */
  GroupConverter parent() {
    return new GroupConverter() {
      @Override
      public Converter getConverter(int index) {
        return Cells.this;
      }

      @Override
      public void start() {}

      @Override
      public void end() {}
    };
  }

  @Override
  public boolean hasDictionarySupport() {
    return true;
  }

  @Override
  public void setDictionary(Dictionary dictionary) {
    this.dictionary = dictionary;
    terms = new Object[dictionary.getMaxId() + 1];
    made = new boolean[terms.length];
  }

  @Override
  public void addValueFromDictionary(int id) {
    if (!made[id]) {
      make(DatasetException.required(dictionary, "dictionary"), id);
      terms[id] = value;
      made[id] = true;
    }
    value = terms[id];
  }

  private void make(Dictionary from, int id) {
    switch (field.type()) {
      case DOUBLE -> addDouble(from.decodeToDouble(id));
      case FLOAT -> addFloat(from.decodeToFloat(id));
      case INT32 -> addInt(from.decodeToInt(id));
      case INT64 -> addLong(from.decodeToLong(id));
      case BOOLEAN -> addBoolean(from.decodeToBoolean(id));
      default -> addBinary(from.decodeToBinary(id));
    }
  }

  @Override
  public void addBinary(Binary bytes) {
    value = bytes.toStringUsingUTF8();
  }

  @Override
  public void addBoolean(boolean of) {
    value = of;
  }

  @Override
  public void addDouble(double of) {
    value = Double.isNaN(of) ? null : of;
  }

  @Override
  public void addFloat(float of) {
    addDouble(of);
  }

  @Override
  public void addInt(int of) {
    value = field.isDay() ? of * ParquetTable.DAY_MS : (long) of;
  }

  @Override
  public void addLong(long of) {
    value = field.divisor() == 0 ? of : Math.floorDiv(of, (long) field.divisor());
  }
}
