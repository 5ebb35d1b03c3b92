// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.ColumnRules.TimeFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is expected of one column: declared by the application or learned from good spans.
 * Immutable.
 *
 * @param type what its values are
 * @param declared whether the application declares the type
 * @param maxMissingShare largest share of rows without a value that is usual, 0 to 1
 * @param typeShares class of value ({@code number}, {@code string}, {@code boolean}) → largest
 *     share of the values that is usual; a class that is not named is unexpected
 * @param domain the strings that are expected, at most {@value #MAX_DOMAIN}, sorted; absent where
 *     any string is
 * @param low lower end of the usual numbers; absent where there is none
 * @param high upper end of the usual numbers; absent where there is none
 * @param rangeDeclared whether the application declares the range, so that it is not widened
 * @param domainDeclared whether the application declares the domain, so that it is not widened
 * @param shape number of values that every row with a value has; absent where it varies
 * @param rules what people say of it besides
 * @param format how its moments, days or times of day are written, as learned; absent where they
 *     are none, or written in several ways
 */
public record ColumnSchema(
    Type type,
    boolean declared,
    double maxMissingShare,
    Map<String, Double> typeShares,
    @Nullable List<String> domain,
    @Nullable Double low,
    @Nullable Double high,
    boolean rangeDeclared,
    boolean domainDeclared,
    @Nullable Integer shape,
    @Nullable ColumnRules rules,
    @Nullable TimeFormat format) {
  /** TFDV's default of {@code max_string_domain_size}. */
  public static final int MAX_DOMAIN = 100;

  public ColumnSchema {
    typeShares = java.util.Collections.unmodifiableMap(new TreeMap<>(typeShares));
    domain = domain == null ? null : List.copyOf(domain);
    rules = rules == null ? ColumnRules.NONE : rules;
  }

  /** A column of which nothing is said besides its values. */
  public ColumnSchema(
      Type type,
      boolean declared,
      double maxMissingShare,
      Map<String, Double> typeShares,
      @Nullable List<String> domain,
      @Nullable Double low,
      @Nullable Double high,
      boolean rangeDeclared,
      boolean domainDeclared) {
    this(
        type,
        declared,
        maxMissingShare,
        typeShares,
        domain,
        low,
        high,
        rangeDeclared,
        domainDeclared,
        null,
        ColumnRules.NONE,
        null);
  }

  /** What people say of it besides; never absent. */
  @Override
  public ColumnRules rules() {
    return rules == null ? ColumnRules.NONE : rules;
  }

  /** What the values of a column are. */
  public enum Type {
    INT,
    FLOAT,
    STRING,
    BOOL,
    /** A moment; compared with nothing, because it moves on by nature. */
    TIME,
    /** More than one of these. */
    MIXED,
    /** No value was seen yet. */
    UNKNOWN;

    boolean numeric() {
      return this == INT || this == FLOAT;
    }
  }

  ColumnSchema withType(Type next) {
    return new ColumnSchema(
        next,
        declared,
        maxMissingShare,
        typeShares,
        domain,
        low,
        high,
        rangeDeclared,
        domainDeclared,
        shape,
        rules,
        format);
  }

  ColumnSchema withMaxMissingShare(double share) {
    return new ColumnSchema(
        type,
        declared,
        share,
        typeShares,
        domain,
        low,
        high,
        rangeDeclared,
        domainDeclared,
        shape,
        rules,
        format);
  }

  ColumnSchema withTypeShares(Map<String, Double> shares) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        shares,
        domain,
        low,
        high,
        rangeDeclared,
        domainDeclared,
        shape,
        rules,
        format);
  }

  ColumnSchema withDomain(@Nullable List<String> values) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        typeShares,
        values,
        low,
        high,
        rangeDeclared,
        domainDeclared,
        shape,
        rules,
        format);
  }

  ColumnSchema withRange(@Nullable Double from, @Nullable Double to) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        typeShares,
        domain,
        from,
        to,
        rangeDeclared,
        domainDeclared,
        shape,
        rules,
        format);
  }

  ColumnSchema withDeclaredDomain(@Nullable List<String> values) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        typeShares,
        values,
        low,
        high,
        rangeDeclared,
        values != null,
        shape,
        rules,
        format);
  }

  ColumnSchema withDeclaredRange(@Nullable Double from, @Nullable Double to) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        typeShares,
        domain,
        from,
        to,
        true,
        domainDeclared,
        shape,
        rules,
        format);
  }

  ColumnSchema withShape(@Nullable Integer values) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        typeShares,
        domain,
        low,
        high,
        rangeDeclared,
        domainDeclared,
        values,
        rules,
        format);
  }

  ColumnSchema withRules(ColumnRules said) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        typeShares,
        domain,
        low,
        high,
        rangeDeclared,
        domainDeclared,
        shape,
        said,
        format);
  }

  ColumnSchema withFormat(@Nullable TimeFormat learned) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        typeShares,
        domain,
        low,
        high,
        rangeDeclared,
        domainDeclared,
        shape,
        rules,
        learned);
  }

  /** The format of time that is expected, as a person says or as learned; null for none. */
  @Nullable TimeFormat timeFormat() {
    TimeFormat said = rules().timeFormat();
    TimeFormat expected = said == null ? format : said;
    return expected == TimeFormat.ANY ? null : expected;
  }
}
