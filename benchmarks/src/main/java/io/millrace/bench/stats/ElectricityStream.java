// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.millrace.bench.BenchException;
import io.millrace.stats.profile.Moments;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The NSW electricity market (Harries 1999): does the price rise or fall? A Gaussian naive Bayes
 * answers. In order of time nobody knows when the relation changed. In a random order it cannot
 * have changed, until the columns of New South Wales and of Victoria are exchanged.
 */
final class ElectricityStream {
  static final int QUIET = 20_000;

  private static final int LEARNED = 5_000;
  private static final int REFERENCE = 2_000;
  private static final List<String> NAMES =
      List.of("period", "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer");
  private static final int[] EXCHANGED = {0, 3, 4, 1, 2, 5};

  private final List<double[]> rows;

  /** Reads the file: the inputs in the order above, the class last. */
  ElectricityStream(Path file) {
    List<double[]> read = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> lines = CsvReader.builder().ofNamedCsvRecord(file)) {
      lines.forEach(
          line -> read.add(line.getFields().stream().mapToDouble(Double::parseDouble).toArray()));
    } catch (IOException e) {
      throw new BenchException("cannot read " + file + ": " + e.getMessage(), e);
    }
    rows = Collections.unmodifiableList(read);
  }

  /** How many outcomes follow the change. */
  int changed() {
    return rows.size() - LEARNED - REFERENCE - QUIET;
  }

  /** In a random order, the states exchanged after {@value #QUIET} outcomes. */
  OutcomeStream exchanged(long seed) {
    List<double[]> mixed = new ArrayList<>(rows);
    Collections.shuffle(mixed, new Random(seed));
    NaiveBayes model = new NaiveBayes();
    mixed.subList(0, LEARNED).forEach(model::learn);
    int from = LEARNED + REFERENCE;
    return new OutcomeStream(
        outcomes(model, mixed.subList(LEARNED, from)),
        outcomes(model, mixed.subList(from, from + QUIET)),
        outcomes(
            model,
            mixed.subList(from + QUIET, mixed.size()).stream()
                .map(ElectricityStream::exchange)
                .toList()));
  }

  /** In order of time, each row asked first and learned from afterwards; no known change. */
  OutcomeStream inTime() {
    NaiveBayes model = new NaiveBayes();
    List<Outcome> all = new ArrayList<>();
    for (double[] row : rows) {
      all.add(outcome(model, row));
      model.learn(row);
    }
    return new OutcomeStream(
        all.subList(0, REFERENCE), all.subList(REFERENCE, all.size()), List.of());
  }

  private static double[] exchange(double[] row) {
    double[] exchanged = row.clone();
    for (int i = 0; i < EXCHANGED.length; i++) {
      exchanged[i] = row[EXCHANGED[i]];
    }
    return exchanged;
  }

  private static List<Outcome> outcomes(NaiveBayes model, List<double[]> rows) {
    return rows.stream().map(row -> outcome(model, row)).toList();
  }

  private static Outcome outcome(NaiveBayes model, double[] row) {
    Map<String, Object> inputs = new HashMap<>();
    for (int i = 0; i < NAMES.size(); i++) {
      inputs.put(NAMES.get(i), row[i]);
    }
    return new Outcome(model.probability(row), row[NAMES.size()] == 1, inputs);
  }

  /** A normal distribution for each input and class. */
  private static final class NaiveBayes {
    private static final double LEAST_VARIANCE = 1e-6;

    private final Moments[][] inputs = new Moments[2][NAMES.size()];

    NaiveBayes() {
      for (Moments[] ofClass : inputs) {
        for (int i = 0; i < ofClass.length; i++) {
          ofClass[i] = new Moments();
        }
      }
    }

    void learn(double[] row) {
      Moments[] ofClass = inputs[(int) row[NAMES.size()]];
      for (int i = 0; i < ofClass.length; i++) {
        ofClass[i].add(row[i]);
      }
    }

    double probability(double[] row) {
      if (inputs[0][0].count() < 2 || inputs[1][0].count() < 2) {
        return 0.5;
      }
      return 1 / (1 + Math.exp(logLikelihood(row, 0) - logLikelihood(row, 1)));
    }

    private double logLikelihood(double[] row, int ofClass) {
      double sum = Math.log((double) inputs[ofClass][0].count());
      for (int i = 0; i < NAMES.size(); i++) {
        Moments input = inputs[ofClass][i];
        double variance = input.variance() + LEAST_VARIANCE;
        double miss = row[i] - input.mean();
        sum -= miss * miss / variance / 2 + Math.log(variance) / 2;
      }
      return sum;
    }
  }
}
