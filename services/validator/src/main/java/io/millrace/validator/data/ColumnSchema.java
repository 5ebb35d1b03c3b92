// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.ColumnRules;
import io.millrace.common.contract.ColumnRules.TimeFormat;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
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
    typeShares = Collections.unmodifiableMap(new TreeMap<>(typeShares));
    domain = domain == null ? null : List.copyOf(domain);
    rules = rules == null ? ColumnRules.NONE : rules;
  }

  /**
   * A column whose type is learned, without any other fact.
   *
   * @param maxMissingShare 0 to 1
   * @param typeShares class of value → share
   */
  public static ColumnSchema ofLearned(
      Type type, double maxMissingShare, Map<String, Double> typeShares) {
    return of(type, false, maxMissingShare, typeShares);
  }

  /** A column whose type the application declares, without any other fact. */
  static ColumnSchema ofDeclared(
      Type type, double maxMissingShare, Map<String, Double> typeShares) {
    return of(type, true, maxMissingShare, typeShares);
  }

  private static ColumnSchema of(
      Type type, boolean declared, double maxMissingShare, Map<String, Double> typeShares) {
    return new ColumnSchema(
        type,
        declared,
        maxMissingShare,
        typeShares,
        null,
        null,
        null,
        false,
        false,
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
    return with(draft -> draft.type = next);
  }

  ColumnSchema withMaxMissingShare(double share) {
    return with(draft -> draft.maxMissingShare = share);
  }

  ColumnSchema withTypeShares(Map<String, Double> shares) {
    return with(draft -> draft.typeShares = shares);
  }

  ColumnSchema withDomain(@Nullable List<String> values) {
    return with(draft -> draft.domain = values);
  }

  /** A domain that is not widened; null for any string. */
  ColumnSchema withDeclaredDomain(@Nullable List<String> values) {
    return with(
        draft -> {
          draft.domain = values;
          draft.domainDeclared = values != null;
        });
  }

  public ColumnSchema withRange(@Nullable Double from, @Nullable Double to) {
    return with(
        draft -> {
          draft.low = from;
          draft.high = to;
        });
  }

  /** A range that is not widened. */
  ColumnSchema withDeclaredRange(@Nullable Double from, @Nullable Double to) {
    return withRange(from, to).with(draft -> draft.rangeDeclared = true);
  }

  ColumnSchema withShape(@Nullable Integer values) {
    return with(draft -> draft.shape = values);
  }

  ColumnSchema withRules(ColumnRules said) {
    return with(draft -> draft.rules = said);
  }

  ColumnSchema withFormat(@Nullable TimeFormat learned) {
    return with(draft -> draft.format = learned);
  }

  /** A copy in which some facts are others. */
  private ColumnSchema with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.schema();
  }

  /** All facts of a column while they are changed: the one place that copies them. */
  private static final class Draft {
    private Type type;
    private final boolean declared;
    private double maxMissingShare;
    private Map<String, Double> typeShares;
    private @Nullable List<String> domain;
    private @Nullable Double low;
    private @Nullable Double high;
    private boolean rangeDeclared;
    private boolean domainDeclared;
    private @Nullable Integer shape;
    private ColumnRules rules;
    private @Nullable TimeFormat format;

    private Draft(ColumnSchema from) {
      type = from.type;
      declared = from.declared;
      maxMissingShare = from.maxMissingShare;
      typeShares = from.typeShares;
      domain = from.domain;
      low = from.low;
      high = from.high;
      rangeDeclared = from.rangeDeclared;
      domainDeclared = from.domainDeclared;
      shape = from.shape;
      rules = from.rules();
      format = from.format;
    }

    private ColumnSchema schema() {
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
          format);
    }
  }

  /** The format of time that is expected, as a person says or as learned; null for none. */
  @Nullable TimeFormat timeFormat() {
    TimeFormat said = rules().timeFormat();
    TimeFormat expected = said == null ? format : said;
    return expected == TimeFormat.ANY ? null : expected;
  }
}
