// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import io.millrace.cli.stack.Service;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Comparisons whose failure names the service, the first difference and the end of its log. */
final class Compare {
  private final RunningStack stack;

  Compare(RunningStack stack) {
    this.stack = stack;
  }

  /** Every expected id is there exactly once, and no other. */
  void eachOnce(Service service, String what, Set<String> expected, Collection<String> actual) {
    Map<String, Object> wanted = new HashMap<>();
    expected.forEach(id -> wanted.put(id, "once"));
    Map<String, Integer> times = new HashMap<>();
    actual.forEach(id -> times.merge(id, 1, Integer::sum));
    Map<String, Object> found = new HashMap<>();
    times.forEach((id, count) -> found.put(id, count == 1 ? "once" : count + " times"));
    equal(service, what, wanted, found);
  }

  /** Both say the same of every id. */
  void equal(
      Service service,
      String what,
      Map<String, ? extends @Nullable Object> expected,
      Map<String, ? extends @Nullable Object> actual) {
    String difference = difference(what, expected, actual);
    if (difference != null) {
      throw new AssertionError(service.id() + ": " + difference + stack.tail(service));
    }
  }

  /** The first id of which they say something else, for a message; null where there is none. */
  static @Nullable String difference(
      String what,
      Map<String, ? extends @Nullable Object> expected,
      Map<String, ? extends @Nullable Object> actual) {
    Set<String> ids = new TreeSet<>(expected.keySet());
    ids.addAll(actual.keySet());
    int different = 0;
    String first = "";
    for (String id : ids) {
      Object wanted = expected.get(id);
      Object found = actual.get(id);
      if (!Objects.equals(wanted, found)) {
        if (different == 0) {
          first =
              "%s, which must be %s and is %s"
                  .formatted(id, shown(expected, id, wanted), shown(actual, id, found));
        }
        different++;
      }
    }
    return different == 0
        ? null
        : "%s: %d of %d differ; the first is %s".formatted(what, different, ids.size(), first);
  }

  private static String shown(Map<String, ?> map, String id, @Nullable Object value) {
    return map.containsKey(id) ? String.valueOf(value) : "absent";
  }

  /** Something holds of a service. */
  void holds(Service service, boolean condition, String otherwise) {
    if (!condition) {
      throw new AssertionError(service.id() + ": " + otherwise + stack.tail(service));
    }
  }
}
