// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.version;

import io.millrace.featurestore.view.GenerationStore.Kind;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Which instance computes which version of an application's features and labels, and which versions
 * are to go: how instances tell each other that nobody needs a version any more. Thread-safe.
 */
public interface VersionUses {
  /** For how long the word of an instance holds, in seconds. */
  int HOLDS_S = 60;

  /**
   * What is known.
   *
   * @param uses version → instances that have said lately that they compute it
   * @param leaving versions that are to go → the instance that removes it; blank where none does
   */
  record Book(Map<String, Set<String>> uses, Map<String, String> leaving) {
    public Book {
      uses = Map.copyOf(uses);
      leaving = Map.copyOf(leaving);
    }

    /** Whether an instance computes a version. */
    boolean isUsed(String version, String instance) {
      return uses.getOrDefault(version, Set.of()).contains(instance);
    }

    /** Whether an instance but this one computes a version. */
    boolean isUsedByOthers(String version, String instance) {
      return uses.getOrDefault(version, Set.of()).stream().anyMatch(each -> !each.equals(instance));
    }

    /** Whether an instance has said anything lately. */
    boolean isAlive(String instance) {
      return uses.values().stream().anyMatch(instances -> instances.contains(instance));
    }
  }

  /** Says that an instance computes a version. Completes when every instance can read it. */
  CompletionStage<Void> use(String app, Kind kind, String version, String instance);

  /** Takes that back. */
  CompletionStage<Void> leave(String app, Kind kind, String version, String instance);

  /** All that is known of an application's versions of a kind. */
  CompletionStage<Book> read(String app, Kind kind);

  /** Has a version go; one that is to go already stays as it is. */
  void retire(String app, Kind kind, String version);

  /**
   * Changes who removes a version.
   *
   * @param from who does so now; blank for nobody
   * @param to who does so from now on; blank for nobody
   * @return whether it is {@code to} now; not where it was somebody else than {@code from}
   */
  boolean claim(String app, Kind kind, String version, String from, String to);

  /**
   * A version is not to go any more, or is gone.
   *
   * @param from who removes it; blank for nobody
   * @return whether it is not to go now; still so where it was somebody else than {@code from}
   */
  boolean strike(String app, Kind kind, String version, String from);
}
