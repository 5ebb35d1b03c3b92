// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.version;

import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.version.VersionUses.Book;
import io.millrace.featurestore.view.GenerationStore.Kind;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of one application's features, or labels, as one instance begins and ends them among
 * others that do the same: what a version has left (topics, offsets, states, history) is shared, so
 * it is removed by one instance once none computes it.
 *
 * <p>What makes that safe: who begins a version first says so and then looks whether somebody
 * removes it; who removes one first says so and then looks whether somebody computes it. So at
 * least one of two sees the other, and the one that removes gives way. An instance that is gone
 * computes nothing after a minute; what it was removing is removed again from the beginning.
 *
 * <p>Not thread-safe.
 */
public final class VersionLife {
  private static final Logger LOG = LoggerFactory.getLogger(VersionLife.class);

  /** Only says that the instance is there. */
  private static final String PRESENCE = "";

  private static final String NOBODY = "";
  private static final Duration KEEP = Duration.ofSeconds(3);
  private static final Duration LOOK = Duration.ofSeconds(2);

  /**
   * How long nobody must have computed a version. While the store is away nobody's word reaches it,
   * and all are out of date when it is back: long enough for each instance to say it again.
   */
  private static final Duration UNUSED = Duration.ofSeconds(12);

  private static final Duration ANSWER = Duration.ofSeconds(8);

  private final String app;
  private final Kind kind;
  private final String instance;
  private final VersionUses uses;
  private final Consumer<String> remove;
  private final LongSupplier nanoTime;

  /** Version that is to go → since when nobody has been seen to compute it. */
  private final Map<String, Long> unusedSince = new HashMap<>();

  private @Nullable Long keptAt;
  private @Nullable Long lookedAt;
  private @Nullable CompletableFuture<Book> look;

  /**
   * @param instance name of this one
   * @param remove removes what a version has left, as a whole or in part; may throw, and is called
   *     again then
   */
  public VersionLife(
      String app,
      Kind kind,
      String instance,
      VersionUses uses,
      Consumer<String> remove,
      LongSupplier nanoTime) {
    this.app = app;
    this.kind = kind;
    this.instance = instance;
    this.uses = uses;
    this.remove = remove;
    this.nanoTime = nanoTime;
  }

  /**
   * To be called before this instance computes a version: afterwards nobody removes it.
   *
   * @throws BeingRemovedException where it is being removed; to be tried again
   * @throws StoreUnavailableException where the others cannot be asked
   */
  public void begin(String version) {
    await(uses.use(app, kind, version, instance));
    await(uses.use(app, kind, PRESENCE, instance));
    Book book = await(uses.read(app, kind));
    String remover = book.leaving().get(version);
    if (remover == null) {
      return;
    }
    boolean isBegun;
    if (remover.equals(NOBODY)) {
      isBegun = uses.strike(app, kind, version, NOBODY);
    } else {
      isBegun =
          (remover.equals(instance) || !book.isAlive(remover))
              && uses.claim(app, kind, version, remover, instance);
      if (isBegun) {
        // What is left may be a part of what belongs together.
        removeSayingSo(version);
        uses.strike(app, kind, version, instance);
      }
    }
    if (!isBegun) {
      throw new BeingRemovedException(
          "version %s of the %s of %s is being removed by instance '%s'"
              .formatted(version, name(), app, remover));
    }
  }

  /** To be called before this instance ends a version, so that it goes even if nobody is left. */
  public void retire(String version) {
    uses.retire(app, kind, version);
  }

  /** To be called when this instance has ended a version. */
  public void left(String version) {
    await(uses.leave(app, kind, version, instance));
  }

  /** Says again which versions this instance computes. To be called often; does not wait. */
  public void keep(Set<String> own) {
    long now = nanoTime.getAsLong();
    if (keptAt != null && now - keptAt < KEEP.toNanos()) {
      return;
    }
    keptAt = now;
    uses.use(app, kind, PRESENCE, instance);
    own.forEach(version -> uses.use(app, kind, version, instance));
  }

  /** Removes versions that nobody computes any more. To be called often. */
  public void sweep(Set<String> own) {
    long now = nanoTime.getAsLong();
    CompletableFuture<Book> asked = look;
    if (asked == null) {
      if (lookedAt == null || now - lookedAt >= LOOK.toNanos()) {
        lookedAt = now;
        look = uses.read(app, kind).toCompletableFuture();
      }
    } else if (asked.isDone()) {
      look = null;
      try {
        sweep(asked.join(), own, UNUSED);
      } catch (CompletionException e) {
        LOG.debug("{}: who computes which {} is not known", app, name(), e);
        unusedSince.clear();
      }
    }
  }

  /**
   * Removes what nobody computes any more, and does not wait to be sure: every instance has ended.
   *
   * @return whether something is left that another instance computes or removes
   */
  public boolean sweepNow() {
    sweep(await(uses.read(app, kind)), Set.of(), Duration.ZERO);
    return !await(uses.read(app, kind)).leaving().isEmpty();
  }

  private void sweep(Book book, Set<String> own, Duration unused) {
    takeBack(book, own);
    unusedSince.keySet().retainAll(book.leaving().keySet());
    book.leaving()
        .forEach(
            (version, remover) -> {
              if (own.contains(version) || book.isUsedByOthers(version, instance)) {
                unusedSince.remove(version);
              } else if (isMine(book, remover) && isUnused(version, unused)) {
                removeClaimed(version, remover);
              }
            });
  }

  /** What this instance said before it was killed need not hold for a minute. */
  private void takeBack(Book book, Set<String> own) {
    for (String version : book.uses().keySet()) {
      if (!version.equals(PRESENCE) && !own.contains(version) && book.isUsed(version, instance)) {
        left(version);
      }
    }
  }

  private boolean isMine(Book book, String remover) {
    return remover.equals(NOBODY) || remover.equals(instance) || !book.isAlive(remover);
  }

  private boolean isUnused(String version, Duration unused) {
    long now = nanoTime.getAsLong();
    return now - unusedSince.computeIfAbsent(version, key -> now) >= unused.toNanos();
  }

  private void removeClaimed(String version, String remover) {
    // So that nobody takes this instance to be gone while it removes.
    await(uses.use(app, kind, PRESENCE, instance));
    if (!uses.claim(app, kind, version, remover, instance)) {
      return;
    }
    if (await(uses.read(app, kind)).isUsedByOthers(version, instance)) {
      uses.claim(app, kind, version, instance, NOBODY);
      unusedSince.remove(version);
      return;
    }
    try {
      removeSayingSo(version);
    } catch (RuntimeException e) {
      LOG.warn("version {} of the {} of {} is not all removed yet", version, name(), app, e);
      return;
    }
    uses.strike(app, kind, version, instance);
    unusedSince.remove(version);
    LOG.info("version {} of the {} of {} is removed", version, name(), app);
  }

  /** However long it takes: nobody must take this instance to be gone and begin the version. */
  private void removeSayingSo(String version) {
    Thread saying =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (true) {
                      TimeUnit.NANOSECONDS.sleep(KEEP.toNanos());
                      uses.use(app, kind, PRESENCE, instance);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    try {
      remove.accept(version);
    } finally {
      saying.interrupt();
    }
  }

  private String name() {
    return switch (kind) {
      case FEATURES -> "features";
      case LABELS -> "labels";
      case SHARED -> "shared data";
    };
  }

  private static <T> T await(CompletionStage<T> answer) {
    try {
      return answer.toCompletableFuture().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new StoreUnavailableException("what other instances compute is not known: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while asking for other instances", e);
    }
  }
}
