// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.intake;

import io.millrace.common.contract.ApplicationApplied;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes rows in: judges them, finds out which are new, writes those, and enters all of them in the
 * books, each exactly once whatever is killed or sent again. Thread-safe.
 *
 * <p>A batch goes through four steps: claim its ids, settle what processes that are gone left
 * behind (the log says whether they had written), write, and in one atomic step mark the ids and
 * add to the books. Where writing or settling fails the ids are given up: whoever is sent the rows
 * again reads the log before writing. A batch that meets ids that a live process is at frees its
 * own and waits, so that two batches with common ids never wait for each other.
 */
public final class Intake {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final int ROWS_MAX = 2_000;
  private static final Duration RETRY = Duration.ofMillis(50);

  private final IdLedger ledger;
  private final EventLog log;
  private final RowParts parts;
  private final IntakeMeter meter;
  private final InstantSource clock;
  private final IntakeLimits limits;
  private final ConcurrentHashMap<String, CompiledRules> compiled = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Long, Boolean> active = new ConcurrentHashMap<>();
  private final AtomicLong serials = new AtomicLong();

  public Intake(
      IdLedger ledger,
      EventLog log,
      RowParts parts,
      IntakeMeter meter,
      InstantSource clock,
      IntakeLimits limits) {
    this.ledger = ledger;
    this.log = log;
    this.parts = parts;
    this.meter = meter;
    this.clock = clock;
    this.limits = limits;
  }

  private record CompiledRules(int version, String hash, EventRules rules) {}

  /**
   * Takes the rows of a request.
   *
   * @param history whether the rows became known when they happened (imported history)
   * @throws IntakeUnavailableException where some of them are not in the books; sending all of them
   *     again is safe
   */
  public Receipt take(
      ApplicationApplied application, String event, List<RawRow> rows, boolean history) {
    Receipt receipt = Receipt.NONE;
    for (int from = 0; from < rows.size(); from += ROWS_MAX) {
      List<RawRow> part = rows.subList(from, Math.min(rows.size(), from + ROWS_MAX));
      receipt = receipt.plus(takePart(application, event, part, history, List.of()));
    }
    return receipt;
  }

  /**
   * Takes raw records; their offsets are noted in the step that enters them in the books.
   *
   * @throws IntakeUnavailableException where none of them is in the books
   */
  public Receipt takeRaw(
      ApplicationApplied application,
      String event,
      List<RawRow> rows,
      List<IdLedger.Advance> advances) {
    return takePart(application, event, rows, false, advances);
  }

  /** The books of an application. */
  public Books books(String app) {
    return Books.of(ledger.entries(app));
  }

  private Receipt takePart(
      ApplicationApplied application,
      String event,
      List<RawRow> rows,
      boolean history,
      List<IdLedger.Advance> advances) {
    long startMs = clock.millis();
    EventRules rules = rules(application, event);
    List<Judged> judged = new ArrayList<>(rows.size());
    for (RawRow row : rows) {
      judged.add(rules.judge(row, history, startMs));
    }
    Batch batch = new Batch(application.app(), event, judged);
    long serial = serials.incrementAndGet();
    active.put(serial, true);
    try {
      settleBatch(batch, serial, advances);
    } finally {
      active.remove(serial);
    }
    meter.settled(
        application.app(),
        event,
        batch.acceptedCount(),
        batch.duplicateCount(),
        batch.rejectedByReason(),
        Duration.ofMillis(clock.millis() - startMs));
    return Receipt.of(batch.acceptedCount(), batch.duplicateCount(), batch.rejected());
  }

  private void settleBatch(Batch batch, long serial, List<IdLedger.Advance> advances) {
    IdLedger.Claimant mine = claimAll(batch, serial);
    boolean written = false;
    try {
      recover(batch);
      batch.decide();
      if (!ledger.mayWrite()) {
        throw new IntakeUnavailableException("this process lost touch with Redis for too long");
      }
      written = true;
      log.write(batch.app(), batch.event(), batch.eventsToWrite(), batch.rejectedToWrite());
      IdLedger.Settled settled =
          ledger.settle(
              batch.app(),
              mine,
              batch.fates(),
              Books.additions(
                  batch.event(),
                  batch.acceptedCount(),
                  batch.duplicateCount(),
                  batch.rejectedByReason()),
              advances);
      if (settled == IdLedger.Settled.LOST) {
        throw new IntakeUnavailableException("another instance took over what this one was at");
      }
    } catch (IntakeUnavailableException e) {
      LOG.warn(
          "{}/{}: {} rows have to be sent again",
          batch.app(),
          batch.event(),
          batch.claimed().size(),
          e);
      // An id that was taken over may have been written by its former owner: never simply freed.
      leave(batch, mine, written || !batch.takenOver().isEmpty());
      throw e;
    }
  }

  private void leave(Batch batch, IdLedger.Claimant mine, boolean perhapsWritten) {
    try {
      if (perhapsWritten) {
        ledger.giveUp(batch.app(), mine, batch.claimed());
      } else {
        ledger.release(batch.app(), mine, batch.claimed());
      }
    } catch (IntakeUnavailableException e) {
      // The claims stay; their serial is no longer active, so that they can be taken over by age.
      LOG.warn("cannot give up {} ids: {}", batch.claimed().size(), e.getMessage());
    }
  }

  /** Claims every id of the batch, or none. */
  private IdLedger.Claimant claimAll(Batch batch, long serial) {
    long deadlineMs = clock.millis() + limits.pendingWait().toMillis();
    while (true) {
      IdLedger.Claimant mine = new IdLedger.Claimant(ledger.epoch(), serial, clock.millis());
      batch.take(ledger.claim(batch.app(), mine, batch.asks()));
      int waiting = takeOver(batch, mine);
      if (waiting == 0) {
        return mine;
      }
      leave(batch, mine, !batch.takenOver().isEmpty());
      if (clock.millis() >= deadlineMs) {
        throw new IntakeUnavailableException(
            waiting + " of these events are being taken in by another request; send them again");
      }
      pause();
    }
  }

  /** Takes over what processes that are gone have claimed; the number of ids that it cannot. */
  private int takeOver(Batch batch, IdLedger.Claimant mine) {
    List<Batch.PendingId> pending = batch.pending();
    int waiting = 0;
    for (Batch.PendingId each : pending) {
      if (isAtWork(each.by())) {
        waiting++;
      }
    }
    if (waiting > 0) {
      return waiting;
    }
    for (Batch.PendingId each : pending) {
      if (ledger.takeOver(batch.app(), each.id(), each.by(), mine)) {
        batch.tookOver(each);
      } else {
        waiting++;
      }
    }
    return waiting;
  }

  /** Whether a claim may still lead to a record: its owner is alive, or was a moment ago. */
  private boolean isAtWork(IdLedger.Claimant claimant) {
    if (clock.millis() - claimant.atMs() < limits.claimAge().toMillis()) {
      return true;
    }
    return claimant.epoch() == ledger.epoch()
        ? active.containsKey(claimant.serial())
        : ledger.isAlive(claimant.epoch());
  }

  /** Asks the log about ids whose former owner may have written them. */
  private void recover(Batch batch) {
    if (batch.takenOver().isEmpty()) {
      return;
    }
    long fromMs = batch.takenOver().stream().mapToLong(each -> each.by().atMs()).min().orElse(0);
    batch.recovered(
        log.findAccepted(batch.app(), batch.event(), batch.takenOverKeys(), fromMs),
        log.findRejected(batch.app(), batch.event(), batch.takenOverRejected(), fromMs));
    batch
        .takenOver()
        .forEach(each -> meter.recovered(batch.app(), batch.event(), batch.isWritten(each.id())));
  }

  private EventRules rules(ApplicationApplied application, String event) {
    CompiledRules known =
        compiled.compute(
            application.app() + "/" + event,
            (key, before) ->
                before != null
                        && before.version() == application.version()
                        && before.hash().equals(application.hash())
                    ? before
                    : new CompiledRules(
                        application.version(),
                        application.hash(),
                        new EventRules(application.definition(), event, parts)));
    return known.rules();
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IntakeUnavailableException("interrupted", e);
    }
  }
}
