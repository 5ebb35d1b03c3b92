// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.contract;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The latest verdict of every event and span, in the order in which they came: one that replaces
 * another is the last. Beyond a limit the one that came first is forgotten. Not thread-safe.
 *
 * @param <V> kind of verdict
 */
public final class LatestBySpan<V extends SpanVerdict> {
  private final int most;
  private final Map<String, V> verdicts = new LinkedHashMap<>();

  /**
   * @param most verdicts kept, at least 1
   */
  public LatestBySpan(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("at least one verdict is kept, not " + most);
    }
    this.most = most;
  }

  /**
   * What taking a verdict did.
   *
   * @param before what was said of the span until now; null where nothing
   * @param forgotten what is beyond the limit now; null where nothing
   */
  public record Taken<V>(@Nullable V before, @Nullable V forgotten) {}

  /** Takes a verdict; it replaces an earlier one of its event and span. */
  public Taken<V> take(V verdict) {
    String key = key(verdict.event(), verdict.span());
    V before = verdicts.remove(key);
    verdicts.put(key, verdict);
    V forgotten = null;
    if (verdicts.size() > most) {
      forgotten = verdicts.remove(verdicts.keySet().iterator().next());
    }
    return new Taken<>(before, forgotten);
  }

  private static String key(String event, String span) {
    return event + "/" + span;
  }

  /** The verdict on a span. */
  public Optional<V> find(String event, String span) {
    return Optional.ofNullable(verdicts.get(key(event, span)));
  }

  /** The verdict on the span of an event that ends last, among those that count. */
  public Optional<V> newest(String event, Predicate<V> counts) {
    return verdicts.values().stream()
        .filter(each -> each.event().equals(event) && counts.test(each))
        .max(Comparator.comparingLong(SpanVerdict::endMs));
  }

  /** Events of which there is a verdict, each once. */
  public List<String> events() {
    return verdicts.values().stream().map(SpanVerdict::event).distinct().toList();
  }

  /** All of them, not to be changed; later verdicts show in it. */
  public Collection<V> all() {
    return Collections.unmodifiableCollection(verdicts.values());
  }
}
