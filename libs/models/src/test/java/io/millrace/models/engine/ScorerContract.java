// SPDX-License-Identifier: Apache-2.0
package io.millrace.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every engine has to hold. */
abstract class ScorerContract {
  static final int WIDTH = 6;
  private static final int ROWS = 500;
  private static final long LEAK_BOUND_BYTES = 96L << 20;

  /** A model trained with the engine's own library, and what that library answers. */
  record Trained(byte[] weights, double[] scores) {}

  abstract ScorerEngine engine();

  /** Trains on a batch with labels of 0 and 1, and scores the same batch before saving. */
  abstract Trained train(float[] batch, float[] labels) throws Exception;

  static float[] batch(int rows, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] batch = new float[rows * WIDTH];
    for (int i = 0; i < batch.length; i++) {
      batch[i] = (float) (random.nextDouble() * 4 - 2);
    }
    return batch;
  }

  static float[] labels(float[] batch) {
    float[] labels = new float[batch.length / WIDTH];
    for (int row = 0; row < labels.length; row++) {
      labels[row] = batch[row * WIDTH] + batch[row * WIDTH + 1] > 0 ? 1 : 0;
    }
    return labels;
  }

  private Trained trained() throws Exception {
    float[] batch = batch(ROWS, 1);
    return train(batch, labels(batch));
  }

  @Test
  void load_savedWeights_scoresAsTheTrainerDid() throws Exception {
    Trained trained = trained();
    try (Scorer scorer = engine().load(trained.weights(), WIDTH, Device.CPU)) {
      double[] scores = scorer.score(batch(ROWS, 1), ROWS);
      assertThat(scores).containsExactly(trained.scores(), within());
      assertThat(Arrays.stream(scores).distinct().count()).isGreaterThan(10);
      assertThat(Arrays.stream(scores).allMatch(score -> score > 0 && score < 1)).isTrue();
    }
  }

  @Test
  void score_oneByOne_equalsTheBatch() throws Exception {
    try (Scorer scorer = engine().load(trained().weights(), WIDTH, Device.CPU)) {
      float[] batch = batch(ROWS, 2);
      double[] together = scorer.score(batch, ROWS);
      for (int row = 0; row < 50; row++) {
        float[] one = Arrays.copyOfRange(batch, row * WIDTH, (row + 1) * WIDTH);
        assertThat(scorer.score(one, 1)[0])
            .isCloseTo(together[row], org.assertj.core.data.Offset.offset(1e-6));
      }
      assertThat(scorer.score(new float[0], 0)).isEmpty();
    }
  }

  @Test
  void score_concurrently_equalsSerially() throws Exception {
    try (Scorer scorer = engine().load(trained().weights(), WIDTH, Device.CPU);
        ExecutorService pool = Executors.newFixedThreadPool(8)) {
      List<float[]> batches = new ArrayList<>();
      List<double[]> serial = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        batches.add(batch(1 + i % 7, 100 + i));
        serial.add(scorer.score(batches.get(i), 1 + i % 7));
      }
      List<Future<Integer>> different = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        different.add(
            pool.submit(
                () -> {
                  int count = 0;
                  for (int i = 0; i < 640; i++) {
                    double[] scores = scorer.score(batches.get(i % 64), 1 + i % 64 % 7);
                    count += Arrays.equals(scores, serial.get(i % 64)) ? 0 : 1;
                  }
                  return count;
                }));
      }
      for (Future<Integer> each : different) {
        assertThat(each.get()).isZero();
      }
    }
  }

  @Test
  void score_missingValue_answers() throws Exception {
    try (Scorer scorer = engine().load(trained().weights(), WIDTH, Device.CPU)) {
      float[] row = batch(1, 3);
      row[0] = Float.NaN;
      assertThat(scorer.score(row, 1)[0]).isBetween(0.0, 1.0);
    }
  }

  @Test
  void score_wrongSizeOrClosed_isRefused() throws Exception {
    Scorer scorer = engine().load(trained().weights(), WIDTH, Device.CPU);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scorer.score(new float[WIDTH - 1], 1))
        .withMessageContaining("5 values are not 1 rows of 6 columns");
    scorer.close();
    scorer.close();
    assertThatIllegalStateException().isThrownBy(() -> scorer.score(new float[WIDTH], 1));
  }

  @Test
  void load_damagedWeights_isRefused() throws Exception {
    byte[] good = trained().weights();
    List<byte[]> bad =
        List.of(
            new byte[0],
            "not a model".getBytes(java.nio.charset.StandardCharsets.UTF_8),
            new byte[200],
            Arrays.copyOf(good, good.length / 2),
            Arrays.copyOf(good, good.length - 1));
    for (byte[] weights : bad) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> engine().load(weights, WIDTH, Device.CPU).close());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> engine().load(good, WIDTH + 1, Device.CPU).close());
  }

  @Test
  void loadAndClose_manyTimes_doesNotLeak() throws Exception {
    byte[] weights = trained().weights();
    float[] batch = batch(200, 4);
    for (int i = 0; i < 30; i++) {
      loadScoreClose(weights, batch);
    }
    long before = residentBytes();
    for (int i = 0; i < 150; i++) {
      loadScoreClose(weights, batch);
    }
    assertThat(residentBytes() - before).isLessThan(LEAK_BOUND_BYTES);
  }

  private void loadScoreClose(byte[] weights, float[] batch) {
    try (Scorer scorer = engine().load(weights, WIDTH, Device.CPU)) {
      for (int i = 0; i < 20; i++) {
        scorer.score(batch, batch.length / WIDTH);
      }
    }
  }

  static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-9);
  }

  /** Resident set of this process (Linux). */
  private static long residentBytes() throws IOException {
    System.gc();
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }
}
