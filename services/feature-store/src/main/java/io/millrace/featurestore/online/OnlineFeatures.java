// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import io.millrace.featurestore.progress.Measures;
import io.millrace.featurestore.view.FeatureSet;
import io.millrace.featurestore.view.FeatureSets;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.ServingGenerations;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers questions for online features, whatever way they came. Thread-safe. */
public final class OnlineFeatures {
  private static final Logger LOG = LoggerFactory.getLogger(OnlineFeatures.class);

  private static final int RIGHTS_MAX = 1000;

  private final ServingGenerations serving;
  private final OnlineReader reader;
  private final EntityKeys entityKeys;
  private final ReadGate gate;
  private final Measures measures;
  private final ServedRows watcher;
  private final Duration deadline;
  private final FeatureSets sets = new FeatureSets();
  private final Map<Asked, Set<String>> rights = new ConcurrentHashMap<>();

  /**
   * @param watcher takes notice of what is served
   * @param deadline after which a read gives up, where its caller does not set a shorter one
   */
  public OnlineFeatures(
      ServingGenerations serving,
      OnlineReader reader,
      EntityKeys entityKeys,
      ReadGate gate,
      Measures measures,
      ServedRows watcher,
      Duration deadline) {
    this.serving = serving;
    this.reader = reader;
    this.entityKeys = entityKeys;
    this.gate = gate;
    this.measures = measures;
    this.watcher = watcher;
    this.deadline = deadline;
  }

  /**
   * A caller.
   *
   * @param name for the log
   * @param identity stands for what the caller may read: the same object, the same rights
   * @param deadline of the caller's own; null for none
   */
  public record Caller(
      String name, Object identity, ReadAccess access, @Nullable Duration deadline) {}

  /** A question of rights that was answered before. */
  private record Asked(Object identity, FeatureSet features) {}

  /**
   * What was read.
   *
   * @param denied names of the columns that the caller may not read: their values must not leave
   */
  public record Answer(OnlineBlock block, Set<String> denied) {
    /** Whether the value of a column must not leave. */
    public boolean isDenied(int column) {
      return !denied.isEmpty() && denied.contains(block.features().names().get(column));
    }
  }

  /** The generation that answers for an application. */
  public Generation generation(String app) {
    return serving.find(app).orElseThrow(() -> new NotServingException(app));
  }

  /**
   * Answers a question.
   *
   * @param write makes the reply of the answer, which is not valid afterwards
   * @throws InvalidQuestionException where an entity is unknown
   * @throws io.millrace.featurestore.view.UnknownFeatureException where a feature is unknown
   * @throws DeniedException where the caller may read none of the features
   * @throws OverloadedException where too many reads are being answered
   * @throws io.millrace.featurestore.history.StoreUnavailableException at the deadline, or where
   *     the online store is away
   */
  public <T> T read(String app, OnlineQuestion question, Caller caller, Function<Answer, T> write) {
    long start = System.nanoTime();
    Generation generation = generation(app);
    FeatureSet features = sets.of(generation, question.views(), question.features());
    Set<String> denied = denied(features, caller);
    int rows = question.momentsMs().length;
    long values = (long) rows * features.width();
    gate.enter(values);
    try {
      Map<String, @Nullable String[]> keys =
          entityKeys.of(generation.definition(), question.keys(), rows, question.pseudonymous());
      T reply =
          reader.read(
              features,
              keys,
              question.momentsMs(),
              limit(caller.deadline()),
              block -> {
                T written = write.apply(new Answer(block, denied));
                watch(block, question.momentsMs());
                return written;
              });
      measures.read(app, rows, (System.nanoTime() - start) / 1e6);
      return reply;
    } finally {
      gate.leave(values);
    }
  }

  private void watch(OnlineBlock block, long[] momentsMs) {
    String app = block.features().generation().app();
    for (int row = 0; row < momentsMs.length; row++) {
      for (int group = 0; group < block.features().groups().size(); group++) {
        String key = block.key(row, group);
        if (key != null && watcher.wants(app, key)) {
          watcher.served(app, block.states(row), momentsMs[row], block.values(row));
          break;
        }
      }
    }
  }

  private Duration limit(@Nullable Duration wanted) {
    return wanted != null && wanted.compareTo(deadline) < 0 ? wanted : deadline;
  }

  private Set<String> denied(FeatureSet features, Caller caller) {
    if (rights.size() > RIGHTS_MAX) {
      rights.clear();
    }
    Set<String> denied =
        rights.computeIfAbsent(
            new Asked(caller.identity(), features), asked -> denied(features, caller.access()));
    if (!denied.isEmpty()) {
      String app = features.generation().app();
      LOG.warn("denied to '{}': reading {} of application {}", caller.name(), denied, app);
      if (denied.size() == features.names().size()) {
        throw new DeniedException("'" + caller.name() + "' may not read " + denied);
      }
    }
    return denied;
  }

  private static Set<String> denied(FeatureSet features, ReadAccess access) {
    String app = features.generation().app();
    Set<String> denied = new TreeSet<>();
    for (String name : features.names()) {
      if (!access.mayRead(app, name)) {
        denied.add(name);
      }
    }
    return Collections.unmodifiableSet(denied);
  }
}
