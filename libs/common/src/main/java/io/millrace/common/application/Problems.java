// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import io.millrace.common.definition.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Collects problems. Not thread-safe. */
final class Problems {
  private static final Duration MAX = Duration.ofDays(36_525);

  private final List<DefinitionProblem> found = new ArrayList<>();

  void add(String path, String rule, String message) {
    found.add(new DefinitionProblem(path, rule, message));
  }

  /** Adds every problem whose path was fine so far: the schema's word on a path is enough. */
  void addAllNew(Problems others) {
    Set<String> known = new HashSet<>();
    found.forEach(each -> known.add(each.path()));
    others.found.stream().filter(each -> !known.contains(each.path())).forEach(found::add);
  }

  /** Reports a name that is not declared. */
  void unknown(String path, String kind, String name, Collection<String> known) {
    Set<String> names = new TreeSet<>(known);
    add(
        path,
        "unknown-" + kind,
        "there is no "
            + kind
            + " '"
            + name
            + "'"
            + (names.isEmpty() ? "" : "; there are " + String.join(", ", names)));
  }

  /** A duration longer than zero, or null after reporting why it is none. */
  @Nullable Duration duration(String path, @Nullable String text) {
    return duration(path, text, false);
  }

  /** A duration, or null after reporting why it is none. */
  @Nullable Duration duration(String path, @Nullable String text, boolean zeroAllowed) {
    if (text == null) {
      return null;
    }
    try {
      Duration duration = Durations.parse(text);
      if (duration.isNegative() || (duration.isZero() && !zeroAllowed)) {
        add(path, "duration", "'" + text + "' must be longer than zero");
        return null;
      }
      if (duration.compareTo(MAX) > 0) {
        add(path, "duration", "'" + text + "' is longer than 100 years");
        return null;
      }
      return duration;
    } catch (IllegalArgumentException e) {
      add(path, "duration", String.valueOf(e.getMessage()));
      return null;
    } catch (ArithmeticException e) {
      add(path, "duration", "'" + text + "' is longer than 100 years");
      return null;
    }
  }

  List<DefinitionProblem> found() {
    return found;
  }
}
