// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.label;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.Durations;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.features.expression.Compiled;
import io.millrace.features.expression.Expressions;
import io.millrace.featurestore.view.Generation;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A label definition, compiled: which events open a moment, which may decide it, and the times at
 * which a window closes and is forgotten. Immutable and thread-safe.
 */
public final class LabelRule {
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  private final ApplicationDefinition definition;
  private final LabelDefinition label;
  private final String hash;
  private final @Nullable Compiled value;
  private final long knownAfterMs;
  private final LabelDefinition.@Nullable Positive positive;
  private final @Nullable Compiled where;
  private final long afterMs;
  private final long withinMs;
  private final long graceMs;
  private final long keepMs;
  private final long keepPositiveMs;

  private LabelRule(ApplicationDefinition definition, LabelDefinition label) {
    this.definition = definition;
    this.label = label;
    this.positive = label.positive();
    this.value =
        label.value() == null
            ? null
            : Expressions.compile(label.value(), definition.event(label.decidedAt()).eventSchema());
    this.knownAfterMs =
        label.knownAfter() == null ? 0 : Durations.parse(label.knownAfter()).toMillis();
    if (positive == null) {
      where = null;
      afterMs = 0;
      withinMs = 0;
      graceMs = 0;
      keepMs = 0;
      keepPositiveMs = 0;
    } else {
      where =
          positive.where() == null
              ? null
              : Expressions.compile(
                  positive.where(), definition.event(positive.event()).eventSchema());
      afterMs = positive.afterDuration().toMillis();
      withinMs = positive.withinDuration().toMillis();
      graceMs = Math.min(definition.event(positive.event()).lateness().toMillis(), withinMs);
      keepMs = Math.max(withinMs + graceMs, DAY_MS);
      keepPositiveMs = withinMs + definition.event(label.decidedAt()).lateness().toMillis();
    }
    this.hash =
        Generation.shortHash(
            "3"
                + label
                + new TreeMap<>(definition.entities())
                + definition.primaryEntity(label.decidedAt())
                + (value == null ? "" : value.canonical())
                + (where == null ? "" : where.canonical())
                + graceMs
                + '\u0000'
                + keepPositiveMs);
  }

  /** Compiles the label of a definition; null where it has none. */
  public static @Nullable LabelRule of(ApplicationDefinition definition) {
    LabelDefinition label = definition.label();
    return label == null ? null : new LabelRule(definition, label);
  }

  public String app() {
    return definition.name();
  }

  public ApplicationDefinition definition() {
    return definition;
  }

  /** 12 hexadecimal digits that change with the meaning of the label. */
  public String hash() {
    return hash;
  }

  /** The event that opens moments. */
  public String decidedAt() {
    return label.decidedAt();
  }

  /** The events that are needed: the deciding one first. */
  public Set<String> sources() {
    Set<String> sources = new LinkedHashSet<>();
    sources.add(label.decidedAt());
    if (positive != null) {
      sources.add(positive.event());
    }
    return sources;
  }

  /** Whether labels are joined from later events. */
  public boolean isJoined() {
    return positive != null;
  }

  /** Whether every source is keyed by the join key already, so that no repartition is needed. */
  public boolean joinsByRecordKey() {
    if (positive == null) {
      return true;
    }
    String entity = positive.sameEntity();
    return entity != null
        && entity.equals(definition.primaryEntity(label.decidedAt()))
        && entity.equals(definition.primaryEntity(positive.event()));
  }

  /**
   * What an event joins by: with a joined label the shared entity or field, else its record key.
   */
  public @Nullable String joinKey(Event event) {
    if (positive == null) {
      return event.key() == null ? event.id() : event.key();
    }
    if (positive.sameEntity() != null) {
      return definition.entityKey(positive.sameEntity(), event.data());
    }
    return positive.on() == null
        ? null
        : ApplicationDefinition.canonicalKey(event.data().get(positive.on()));
  }

  /** Whether the event opens a moment. */
  public boolean opens(Event event) {
    return event.name().equals(label.decidedAt());
  }

  /** Whether the event can make a label positive. */
  public boolean isPositive(Event event) {
    return positive != null
        && event.name().equals(positive.event())
        && (where == null || where.asBoolean(event.data()));
  }

  /** Whether a moment's own deciding event could be taken for a positive one. */
  public boolean decidesItself() {
    return positive != null && positive.event().equals(label.decidedAt());
  }

  /** The label that the deciding event carries itself; NaN where it cannot be computed. */
  public double valueOf(Event event) {
    return value == null ? Double.NaN : value.asDouble(event.data());
  }

  /** When the label of a valued moment becomes known. */
  public long knownAt(long momentMs) {
    return momentMs + knownAfterMs;
  }

  /** The label of a window that closed without a positive event. */
  public double implicitValue() {
    return label.implicitValue();
  }

  /** Earliest event time, inclusive, of a positive event that belongs to a moment. */
  public long windowFrom(long momentMs) {
    return afterMs == 0 ? momentMs : momentMs + afterMs + 1;
  }

  /** Latest event time, inclusive, of a positive event that belongs to a moment. */
  public long windowTo(long momentMs) {
    return momentMs + withinMs;
  }

  /** Latest event time, inclusive, that bears on a moment's label. */
  public long decidedBy(long momentMs) {
    return positive == null ? knownAt(momentMs) : windowTo(momentMs);
  }

  /** Earliest moment, inclusive, whose window holds an event time. */
  public long momentFrom(long positiveMs) {
    return positiveMs - withinMs;
  }

  /** Latest moment, inclusive, whose window holds an event time. */
  public long momentTo(long positiveMs) {
    return afterMs == 0 ? positiveMs : positiveMs - afterMs - 1;
  }

  /** The window is closed once stream time is greater than this. */
  public long closesAt(long momentMs) {
    return momentMs + withinMs + graceMs;
  }

  /** A closed window is forgotten, so that no correction comes, after this stream time. */
  public long forgottenAt(long momentMs) {
    return closesAt(momentMs) + keepMs;
  }

  /** A positive event is forgotten, so that late moments do not find it, after this stream time. */
  public long positiveForgottenAt(long positiveMs) {
    return positiveMs + keepPositiveMs;
  }

  /** Labels that a positive event would correct may be forgotten after this stream time. */
  public long correctsUntil(long positiveMs) {
    return forgottenAt(momentFrom(positiveMs));
  }

  /** Positive events of a moment's window may be forgotten after this stream time. */
  public long findsUntil(long momentMs) {
    return positiveForgottenAt(windowFrom(momentMs));
  }
}
