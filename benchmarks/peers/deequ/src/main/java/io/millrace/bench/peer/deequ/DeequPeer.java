// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.peer.deequ;

import com.amazon.deequ.analyzers.Analyzer;
import com.amazon.deequ.analyzers.ApproxCountDistinct;
import com.amazon.deequ.analyzers.ApproxQuantiles;
import com.amazon.deequ.analyzers.Completeness;
import com.amazon.deequ.analyzers.Histogram;
import com.amazon.deequ.analyzers.Maximum;
import com.amazon.deequ.analyzers.Mean;
import com.amazon.deequ.analyzers.Minimum;
import com.amazon.deequ.analyzers.Size;
import com.amazon.deequ.analyzers.StandardDeviation;
import com.amazon.deequ.analyzers.runners.AnalysisRunBuilder;
import com.amazon.deequ.analyzers.runners.AnalysisRunner;
import com.amazon.deequ.analyzers.runners.AnalyzerContext;
import com.amazon.deequ.metrics.Metric;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.JavaConverters;

/**
 * Runs Deequ over a file of rows, a pass for every line of standard input, and answers each with a
 * line. First it says what it is:
 *
 * <pre>{@code
 * ready DEEQU_JAR SPARK_VERSION
 * plain                                 (asked)
 * pass SECONDS CPU_SECONDS ROWS         (answered)
 * top20                                 (asked)
 * pass SECONDS CPU_SECONDS ROWS         (answered)
 * }</pre>
 *
 * <p>Of every column: completeness and approximate distinct count; of numeric ones also least,
 * greatest, mean, deviation and nine quantiles within 1 %; and for {@code top20} the twenty most
 * frequent values of each. Runs on Java 17, because Spark 3.5 does not start on a Java without a
 * security manager. Ends with its input.
 */
public final class DeequPeer {
  private static final double[] RANKS = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99};
  private static final double ERROR = 0.01;
  private static final int FREQUENT = 20;

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private DeequPeer() {}

  /**
   * @param arguments format ({@code csv} or {@code parquet}), file, how many times over, threads,
   *     then {@code NAME:number} or {@code NAME:text} for every column in order
   */
  public static void main(String[] arguments) throws IOException {
    String format = arguments[0];
    String file = arguments[1];
    int times = Integer.parseInt(arguments[2]);
    String threads = arguments[3];
    List<String> columns = Arrays.asList(arguments).subList(4, arguments.length);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[" + threads + "]")
            .appName("deequ-peer")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", threads)
            .getOrCreate()) {
      String jar =
          AnalysisRunner.class.getProtectionDomain().getCodeSource().getLocation().getPath();
      System.out.println("ready " + Paths.get(jar).getFileName() + " " + spark.version());
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        pass(rows(spark, format, file, times, columns), columns, line.equals("top20"));
      }
    }
  }

  private static Dataset<Row> rows(
      SparkSession spark, String format, String file, int times, List<String> columns) {
    List<StructField> fields = new ArrayList<>();
    for (String column : columns) {
      fields.add(
          DataTypes.createStructField(
              name(column), isNumber(column) ? DataTypes.DoubleType : DataTypes.StringType, true));
    }
    StructType schema = DataTypes.createStructType(fields);
    String[] files = Collections.nCopies(times, file).toArray(new String[0]);
    return format.equals("csv")
        ? spark.read().schema(schema).option("header", true).option("escape", "\"").csv(files)
        : spark.read().schema(schema).parquet(files);
  }

  private static void pass(Dataset<Row> rows, List<String> columns, boolean frequent) {
    AnalysisRunBuilder run = AnalysisRunner.onData(rows);
    add(run, new Size(Option.empty()));
    for (String column : columns) {
      addAll(run, column, frequent);
    }
    long cpu = SYSTEM.getProcessCpuTime();
    long begin = System.nanoTime();
    AnalyzerContext answers = run.run();
    double seconds = (System.nanoTime() - begin) / 1e9;
    double cpuSeconds = (SYSTEM.getProcessCpuTime() - cpu) / 1e9;
    answers
        .metricMap()
        .values()
        .foreach(
            metric -> {
              if (metric.value().isFailure()) {
                throw new IllegalStateException(metric + " failed");
              }
              return null;
            });
    Object size = answers.metricMap().apply(any(new Size(Option.empty()))).value().get();
    System.out.println("pass " + seconds + " " + cpuSeconds + " " + ((Double) size).longValue());
  }

  private static void addAll(AnalysisRunBuilder run, String column, boolean frequent) {
    String name = name(column);
    Option<String> all = Option.empty();
    add(run, new Completeness(name, all, Option.empty()));
    add(run, new ApproxCountDistinct(name, all));
    if (isNumber(column)) {
      add(run, new Mean(name, all));
      add(run, new StandardDeviation(name, all));
      add(run, new Minimum(name, all, Option.empty()));
      add(run, new Maximum(name, all, Option.empty()));
      List<Object> ranks = new ArrayList<>();
      for (double rank : RANKS) {
        ranks.add(rank);
      }
      add(
          run,
          new ApproxQuantiles(
              name, JavaConverters.asScalaBufferConverter(ranks).asScala().toSeq(), ERROR));
    }
    if (frequent) {
      add(
          run,
          new Histogram(
              name,
              Option.empty(),
              FREQUENT,
              all,
              Histogram.$lessinit$greater$default$5(),
              Histogram.$lessinit$greater$default$6()));
    }
  }

  private static void add(AnalysisRunBuilder run, Analyzer<?, ?> analyzer) {
    run.addAnalyzer(any(analyzer));
  }

  /** Scala's analyzer is covariant in its metric, which Java does not see. */
  @SuppressWarnings("unchecked")
  private static Analyzer<?, Metric<?>> any(Analyzer<?, ?> analyzer) {
    return (Analyzer<?, Metric<?>>) analyzer;
  }

  private static String name(String column) {
    return column.substring(0, column.lastIndexOf(':'));
  }

  private static boolean isNumber(String column) {
    return column.endsWith(":number");
  }
}
