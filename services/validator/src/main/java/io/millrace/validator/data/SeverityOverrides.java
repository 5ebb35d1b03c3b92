// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.DataVerdict.Anomaly;
import io.millrace.common.contract.DataVerdict.Overridden;
import io.millrace.common.definition.ValidationDefinition;
import io.millrace.common.definition.ValidationDefinition.Override;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people answer for: findings that count for more or less than they would. Each says who and
 * why, and the finding carries it from then on. Lasting ones are the rule; those of one span let
 * that span pass and teach nothing. Immutable.
 *
 * @param lasting for every span
 * @param once for one span each
 */
public record SeverityOverrides(List<Override> lasting, List<Override> once) {
  /** Nobody has said anything. */
  public static final SeverityOverrides NONE = new SeverityOverrides(List.of(), List.of());

  public SeverityOverrides {
    lasting = List.copyOf(lasting);
    once = List.copyOf(once);
  }

  /** Those that an application declares for an event. */
  static SeverityOverrides of(@Nullable ValidationDefinition validation, String event) {
    if (validation == null) {
      return NONE;
    }
    List<Override> all =
        validation.overrides().stream()
            .filter(each -> each.event() == null || each.event().equals(event))
            .toList();
    return new SeverityOverrides(
        all.stream().filter(each -> each.span() == null).toList(),
        all.stream().filter(each -> each.span() != null).toList());
  }

  /** Whether anything was said. */
  public boolean hasAny() {
    return !lasting.isEmpty() || !once.isEmpty();
  }

  /** The findings of any span, with what lasts. */
  List<Anomaly> lasting(List<Anomaly> findings) {
    return lasting.isEmpty()
        ? findings
        : findings.stream().map(each -> changed(each, lasting, null)).toList();
  }

  /** The findings of one span, with what was said of it. */
  public List<Anomaly> once(List<Anomaly> findings, String span) {
    return once.isEmpty()
        ? findings
        : findings.stream().map(each -> changed(each, once, span)).toList();
  }

  /**
   * The findings of a span as they stand now: what was said of them before is taken back first, as
   * far as it is known.
   */
  public List<Anomaly> renewed(List<Anomaly> findings, String span) {
    return once(lasting(original(findings)), span);
  }

  /** Whether a span is bad by what lasts, whatever was said of it alone. */
  public boolean badByWhatLasts(List<Anomaly> findings) {
    return status(lasting(original(findings))) == DataVerdict.Status.BAD;
  }

  private static List<Anomaly> original(List<Anomaly> findings) {
    return findings.stream().map(SeverityOverrides::original).toList();
  }

  private static Anomaly original(Anomaly finding) {
    Overridden before = finding.overridden();
    return before == null
        ? finding
        : new Anomaly(
            finding.column(),
            finding.kind(),
            before.severity(),
            finding.observed(),
            finding.expected(),
            before.message(),
            finding.share(),
            finding.examples(),
            finding.fix());
  }

  /** What findings make of their span. */
  public static DataVerdict.Status status(List<Anomaly> findings) {
    return findings.stream().anyMatch(each -> each.severity().equals(Findings.ERROR))
        ? DataVerdict.Status.BAD
        : DataVerdict.Status.GOOD;
  }

  private static Anomaly changed(Anomaly finding, List<Override> overrides, @Nullable String span) {
    for (Override each : overrides) {
      if (concerns(each, finding)
          && (span == null || span.equals(each.span()))
          && !finding.severity().equals(each.severity())) {
        return new Anomaly(
            finding.column(),
            finding.kind(),
            each.severity(),
            finding.observed(),
            finding.expected(),
            "%s (%s, not %s: %s says \"%s\")"
                .formatted(
                    finding.message(),
                    each.severity(),
                    finding.severity(),
                    each.by(),
                    each.reason()),
            finding.share(),
            finding.examples(),
            finding.fix(),
            overridden(finding, each));
      }
    }
    return finding;
  }

  /** Of a finding that was changed twice, as it was before the first. */
  private static Overridden overridden(Anomaly finding, Override by) {
    Overridden before = finding.overridden();
    return new Overridden(
        before == null ? finding.severity() : before.severity(),
        before == null ? finding.message() : before.message(),
        by.by(),
        by.reason());
  }

  private static boolean concerns(Override override, Anomaly finding) {
    Double most = override.mostShare();
    Double share = finding.share();
    return override.kind().equals(finding.kind())
        && (override.column() == null || override.column().equals(finding.column()))
        && (override.rule() == null
            || finding.message().startsWith("rule '" + override.rule() + "'"))
        && (most == null || (share != null && share <= most));
  }
}
