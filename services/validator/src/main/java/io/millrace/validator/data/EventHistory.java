// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.data;

import io.millrace.common.contract.Interval;
import io.millrace.stats.test.Dispersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * The good spans of one kind of event, latest last, and when there were none. Bounded. Immutable.
 *
 * @param spans figures of the last {@value #MAX_SPANS} good spans
 * @param volumes rows of the last {@value #MAX_VOLUMES} good spans
 * @param gaps the last {@value #MAX_VOLUMES} stretches of event time without any row, good or not,
 *     since they say when to expect none; absent in what was kept before there was this
 */
public record EventHistory(
    List<GoodSpan> spans, List<Volume> volumes, @Nullable List<Interval> gaps) {
  /** Spans whose figures are kept. */
  public static final int MAX_SPANS = 64;

  /** Spans whose number of rows is kept. */
  public static final int MAX_VOLUMES = 500;

  /** No good span yet. */
  public static final EventHistory EMPTY = new EventHistory(List.of(), List.of(), List.of());

  private static final long DAY_MS = 86_400_000;

  /** A longer gap is a jump of a clock or another stream: it says nothing of habits. */
  private static final long LONGEST_GAP_MS = 28 * DAY_MS;

  private static final int LEAST_ALIKE = 3;

  public EventHistory {
    spans = List.copyOf(spans);
    volumes = List.copyOf(volumes);
    gaps = gaps == null ? List.of() : List.copyOf(gaps);
  }

  @Override
  public List<Interval> gaps() {
    return gaps == null ? List.of() : gaps;
  }

  /** What is known of a span of the past. */
  enum State {
    ROWS,
    EMPTY,
    UNKNOWN
  }

  /**
   * What is known of the span that starts at a moment. Where nothing says that it was empty, it had
   * rows, if only bad ones, unless it is older than all that is known.
   */
  State stateOf(long startMs) {
    for (Interval gap : gaps().reversed()) {
      if (gap.fromMs() <= startMs && startMs < gap.toMs()) {
        return length(gap) > LONGEST_GAP_MS ? State.UNKNOWN : State.EMPTY;
      }
    }
    return volumes.isEmpty() || startMs < volumes.getFirst().startMs() ? State.UNKNOWN : State.ROWS;
  }

  /** Lengths in milliseconds of the stretches without rows that may be a habit. */
  List<Long> gapLengths() {
    return gaps().stream()
        .map(EventHistory::length)
        .filter(each -> each <= LONGEST_GAP_MS)
        .toList();
  }

  private static long length(Interval gap) {
    return gap.toMs() - gap.fromMs();
  }

  /** With a stretch without rows. */
  EventHistory withGap(Interval gap) {
    List<Interval> next = new ArrayList<>(withoutGap(gap.fromMs()).gaps());
    next.add(gap);
    next.sort(Comparator.comparingLong(Interval::fromMs));
    return new EventHistory(spans, volumes, last(next, MAX_VOLUMES));
  }

  /** Without the stretch that starts there. */
  EventHistory withoutGap(long fromMs) {
    return new EventHistory(
        spans, volumes, gaps().stream().filter(each -> each.fromMs() != fromMs).toList());
  }

  /**
   * A good span.
   *
   * @param key where its statistics are kept
   * @param startMs event time
   * @param rows its rows
   * @param lastMs event time of its last row; absent in what was kept before there was this
   * @param delayMs how long after its event a row was known; absent where that is not known
   * @param columns figures by column
   */
  public record GoodSpan(
      String key,
      long startMs,
      long rows,
      @Nullable Long lastMs,
      @Nullable Double delayMs,
      Map<String, ColumnFigures> columns) {
    public GoodSpan {
      columns = Collections.unmodifiableMap(new TreeMap<>(columns));
    }
  }

  /** Rows of a good span, when the last of them was, and how long after its event one was known. */
  public record Volume(
      String key, long startMs, long rows, @Nullable Long lastMs, @Nullable Double delayMs) {}

  /** With this span, in place of what was known of it. */
  public EventHistory with(GoodSpan span) {
    EventHistory without = without(span.key());
    List<GoodSpan> nextSpans = new ArrayList<>(without.spans);
    nextSpans.add(span);
    nextSpans.sort(Comparator.comparingLong(GoodSpan::startMs));
    List<Volume> nextVolumes = new ArrayList<>(without.volumes);
    nextVolumes.add(
        new Volume(span.key(), span.startMs(), span.rows(), span.lastMs(), span.delayMs()));
    nextVolumes.sort(Comparator.comparingLong(Volume::startMs));
    return new EventHistory(last(nextSpans, MAX_SPANS), last(nextVolumes, MAX_VOLUMES), gaps);
  }

  /** Without a span that turned out to be bad. */
  public EventHistory without(String key) {
    return new EventHistory(
        spans.stream().filter(span -> !span.key().equals(key)).toList(),
        volumes.stream().filter(volume -> !volume.key().equals(key)).toList(),
        gaps);
  }

  private static <T> List<T> last(List<T> all, int count) {
    return all.subList(Math.max(0, all.size() - count), all.size());
  }

  /** The last good spans, at most {@code count}. */
  public List<GoodSpan> recent(int count) {
    return last(spans, count);
  }

  /** A figure of a column over the good spans that have at least {@code leastNumbers} numbers. */
  double[] figures(String column, long leastNumbers, ToDoubleFunction<ColumnFigures> figure) {
    return columns(column).stream()
        .filter(each -> each.numbers() >= leastNumbers)
        .mapToDouble(figure)
        .toArray();
  }

  /** What is known of a column, oldest first. */
  List<ColumnFigures> columns(String column) {
    List<ColumnFigures> found = new ArrayList<>();
    for (GoodSpan span : spans) {
      ColumnFigures figures = span.columns().get(column);
      if (figures != null) {
        found.add(figures);
      }
    }
    return found;
  }

  /** How often a distance to the reference window is known. */
  long changesKnown(String column) {
    return columns(column).stream().filter(each -> each.effect() >= 0).count();
  }

  /** Largest usual distance of a good span to its reference window; 0 where none is known. */
  double largestEffect(String column) {
    return columns(column).stream().mapToDouble(ColumnFigures::effect).max().orElse(0);
  }

  /** How far good spans lay from their reference windows, by one of their figures. */
  List<Dispersion> apart(String column, Function<ColumnFigures, @Nullable Dispersion> figure) {
    return columns(column).stream().map(figure).filter(Objects::nonNull).toList();
  }

  /** Largest usual gap of a good span to its reference window; 0 where none is known. */
  double largestGap(String column) {
    return columns(column).stream().mapToDouble(ColumnFigures::gap).max().orElse(0);
  }

  /**
   * Rows of the good spans that a span should be like: those at the same time of day for spans
   * shorter than a day, on the same day of the week for days, where there are at least {@value
   * #LEAST_ALIKE}; otherwise all.
   */
  double[] rowsLike(long startMs, SpanPlan plan) {
    double[] all = volumes.stream().mapToDouble(Volume::rows).toArray();
    if (!(plan instanceof SpanPlan.EventTime time)) {
      return all;
    }
    long period = time.lengthMs() < DAY_MS ? DAY_MS : 7 * DAY_MS;
    if (time.lengthMs() >= period) {
      return all;
    }
    double[] alike =
        volumes.stream()
            .filter(each -> Math.floorMod(each.startMs() - startMs, period) < time.lengthMs())
            .mapToDouble(Volume::rows)
            .toArray();
    return alike.length >= LEAST_ALIKE ? alike : all;
  }

  /**
   * A figure of the spans before a moment as an evenly spaced series, NaN where no good span is
   * known; at most {@value #MAX_VOLUMES} long.
   */
  double[] series(long startMs, long lengthMs, ToDoubleFunction<Volume> figure) {
    List<Volume> before = volumes.stream().filter(each -> each.startMs() < startMs).toList();
    if (before.isEmpty()) {
      return new double[0];
    }
    long steps = Math.ceilDiv(startMs - before.getFirst().startMs(), lengthMs);
    double[] series = new double[(int) Math.min(MAX_VOLUMES, steps)];
    Arrays.fill(series, Double.NaN);
    for (Volume each : before) {
      long back = Math.ceilDiv(startMs - each.startMs(), lengthMs);
      if (back >= 1 && back <= series.length) {
        series[series.length - (int) back] = figure.applyAsDouble(each);
      }
    }
    return series;
  }

  static double median(double[] values) {
    double[] sorted = DoubleStream.of(values).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
