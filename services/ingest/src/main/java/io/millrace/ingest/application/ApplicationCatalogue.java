// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.application;

import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.definition.ApplicationDefinition;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Puts definitions into force. Every decision is made on what the definitions' topic says at that
 * moment, so that an instance that has just started decides no worse. Thread-safe; two instances
 * that change one application at once may both succeed, and the later record then counts.
 */
public final class ApplicationCatalogue {
  private final DefinitionLog log;
  private final VersionCounter versions;
  private final ChangeRules rules;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();

  public ApplicationCatalogue(
      DefinitionLog log, VersionCounter versions, ChangeRules rules, InstantSource clock) {
    this.log = log;
    this.versions = versions;
    this.rules = rules;
    this.clock = clock;
  }

  /** What became of a definition. */
  public sealed interface Outcome {
    /**
     * It is in force.
     *
     * @param changed whether that is news
     */
    record InForce(ApplicationApplied applied, boolean changed) implements Outcome {}

    /** It would break what was accepted so far. */
    record Breaking(ApplicationApplied inForce, List<BreakingChange> changes) implements Outcome {
      public Breaking {
        changes = List.copyOf(changes);
      }
    }
  }

  /**
   * Applies a checked definition.
   *
   * @param hash of its canonical form; a definition with the hash of the one in force changes
   *     nothing
   * @param newVersion whether breaking changes are wanted
   */
  public Outcome apply(ApplicationDefinition definition, String hash, boolean newVersion) {
    lock.lock();
    try {
      ApplicationApplied before = log.latest().get(definition.name());
      if (before != null && before.hash().equals(hash)) {
        log.createTopics(definition);
        return new Outcome.InForce(before, false);
      }
      if (before != null && !newVersion) {
        List<BreakingChange> breaking = rules.breaking(before.definition(), definition);
        if (!breaking.isEmpty()) {
          return new Outcome.Breaking(before, breaking);
        }
      }
      int last = Math.max(versions.last(definition.name()), before == null ? 0 : before.version());
      ApplicationApplied applied =
          new ApplicationApplied(definition.name(), last + 1, hash, clock.millis(), definition);
      log.createTopics(definition);
      log.publish(definition.name(), applied);
      versions.note(definition.name(), applied.version());
      return new Outcome.InForce(applied, true);
    } finally {
      lock.unlock();
    }
  }

  /** Takes an application out of force; false where there was none. Its topics and data stay. */
  public boolean delete(String app) {
    lock.lock();
    try {
      if (!log.latest().containsKey(app)) {
        return false;
      }
      log.publish(app, null);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The applications in force, by name. */
  public Map<String, ApplicationApplied> all() {
    return new TreeMap<>(log.latest());
  }

  /** The application of that name, or null. */
  public @Nullable ApplicationApplied find(String app) {
    return log.latest().get(app);
  }
}
