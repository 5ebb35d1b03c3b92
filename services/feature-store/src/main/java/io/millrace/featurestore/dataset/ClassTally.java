// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.dataset;

import io.millrace.datasets.ClassStage;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts the classes of the label at every stage of the making of a dataset, while its rows pass
 * anyway. Bounded: labels of more different values than {@value ClassStage#MOST_CLASSES} are no
 * classes, and then nothing is said. Not thread-safe.
 */
final class ClassTally {
  private static final String FILE = "classes.scratch";
  private static final List<String> STAGES =
      List.of(
          ClassStage.COLLECTED,
          ClassStage.ALLOWED,
          ClassStage.SAMPLED,
          ClassStage.TRAIN,
          ClassStage.EVAL);

  private final Map<String, Map<Double, Count>> stages = new LinkedHashMap<>();
  private boolean quantity;

  private static final class Count {
    private long rows;
    private double weight;
  }

  /** Counts a row; one without a label has no class. */
  void count(String stage, double label, double weight) {
    if (quantity || Double.isNaN(label)) {
      return;
    }
    Map<Double, Count> classes = stages.computeIfAbsent(stage, name -> new TreeMap<>());
    // -0.0 is the class 0.
    Count count = classes.computeIfAbsent(label + 0.0, value -> new Count());
    count.rows++;
    count.weight += weight;
    if (classes.size() > ClassStage.MOST_CLASSES) {
      quantity = true;
      stages.clear();
    }
  }

  /** Stage by stage; null where the label is no class or there is none. */
  @Nullable List<ClassStage> stages() {
    if (quantity || stages.isEmpty()) {
      return null;
    }
    List<ClassStage> all = new ArrayList<>();
    for (String stage : STAGES) {
      Map<String, Long> rows = new TreeMap<>();
      Map<String, Double> weights = new TreeMap<>();
      stages
          .getOrDefault(stage, Map.of())
          .forEach(
              (label, count) -> {
                rows.put(name(label), count.rows);
                weights.put(name(label), count.weight);
              });
      all.add(new ClassStage(stage, rows, weights));
    }
    return all;
  }

  private static String name(double label) {
    return label == Math.rint(label) && Math.abs(label) < 1L << 53
        ? Long.toString((long) label)
        : Double.toString(label);
  }

  /** Keeps the counts beside the scratch file of the rows that were counted. */
  void save(Path folder) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(Files.newOutputStream(folder.resolve(FILE))))) {
      out.writeBoolean(quantity);
      out.writeInt(stages.size());
      for (Map.Entry<String, Map<Double, Count>> stage : stages.entrySet()) {
        out.writeUTF(stage.getKey());
        out.writeInt(stage.getValue().size());
        for (Map.Entry<Double, Count> each : stage.getValue().entrySet()) {
          out.writeDouble(each.getKey());
          out.writeLong(each.getValue().rows);
          out.writeDouble(each.getValue().weight);
        }
      }
    }
  }

  /**
   * Goes on from what was counted when the rows were read; where that is not known, it says
   * nothing.
   */
  static ClassTally load(Path folder) throws IOException {
    ClassTally tally = new ClassTally();
    if (!Files.exists(folder.resolve(FILE))) {
      tally.quantity = true;
      return tally;
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(folder.resolve(FILE))))) {
      tally.quantity = in.readBoolean();
      for (int stages = in.readInt(); stages > 0; stages--) {
        Map<Double, Count> classes = new TreeMap<>();
        tally.stages.put(in.readUTF(), classes);
        for (int left = in.readInt(); left > 0; left--) {
          Count count = new Count();
          classes.put(in.readDouble(), count);
          count.rows = in.readLong();
          count.weight = in.readDouble();
        }
      }
    }
    return tally;
  }

  static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(FILE));
  }
}
