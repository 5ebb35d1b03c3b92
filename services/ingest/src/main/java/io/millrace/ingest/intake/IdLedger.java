// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a horizon which ids an application has seen, and keeps its books. Each method is
 * one atomic step per application, visible to every instance of ingest.
 *
 * <p>An id goes from unknown to claimed, before anything is written to the log, and from claimed to
 * accepted or rejected in the same step that enters it in the books. So the books balance whenever
 * one looks, and a process that is killed leaves nothing but claims. Every method throws {@link
 * IntakeUnavailableException} where the store does not answer in time. Thread-safe.
 */
public interface IdLedger {
  /**
   * Who claims an id, and since when.
   *
   * @param epoch the process; 0 for a claim that its owner gave up without knowing its fate
   * @param serial the attempt within the process
   * @param atMs wall clock
   */
  record Claimant(long epoch, long serial, long atMs) {}

  /**
   * A question for one id.
   *
   * @param content digest of a row that would be rejected: an id that was rejected with the same
   *     content is a duplicate, with another it is free
   */
  record Ask(IdHash id, @Nullable Long content) {}

  /** What became of a claim. */
  sealed interface Claim {
    /** The id is the claimant's now. */
    enum Result implements Claim {
      CLAIMED,
      /** It is in the books already. */
      DUPLICATE
    }

    /** Somebody is at it. */
    record Pending(Claimant by) implements Claim {}
  }

  /**
   * A claimed id's fate.
   *
   * @param rejectedContent null where accepted
   */
  record Fate(IdHash id, @Nullable Long rejectedContent) {}

  /**
   * Raw records that are dealt with.
   *
   * @param partition {@code <event>:<partition>}
   * @param from offset of the first one; negative where none was noted before
   * @param next offset after the last one
   */
  record Advance(String partition, long from, long next) {}

  /** How a settlement ended. */
  enum Settled {
    DONE,
    /** Somebody else took an id or a partition over; nothing was changed. */
    LOST
  }

  /** Claims ids; the answers are in the order of the questions. */
  List<Claim> claim(String app, Claimant mine, List<Ask> asks);

  /** Takes an id from a claimant; false where it is no longer that claimant's. */
  boolean takeOver(String app, IdHash id, Claimant from, Claimant mine);

  /** Frees ids that were claimed and for which nothing was written. */
  void release(String app, Claimant mine, List<IdHash> ids);

  /** Marks ids that were claimed and for which something may have been written. */
  void giveUp(String app, Claimant mine, List<IdHash> ids);

  /**
   * Settles claims, adds to the books and notes raw offsets, all or nothing. Repeating it with the
   * same claimant changes nothing.
   *
   * @param additions entry of the books → number to add
   */
  Settled settle(
      String app,
      Claimant mine,
      List<Fate> fates,
      Map<String, Long> additions,
      List<Advance> advances);

  /** The entries of the books. */
  Map<String, Long> entries(String app);

  /** Noted raw offsets: {@code <event>:<partition>} → next offset. */
  Map<String, Long> offsets(String app);

  /** This process. */
  long epoch();

  /** Whether a process may still write for what it has claimed. */
  boolean isAlive(long epoch);

  /** Whether this process is sure to be taken for alive until everything it sends now has ended. */
  boolean mayWrite();
}
