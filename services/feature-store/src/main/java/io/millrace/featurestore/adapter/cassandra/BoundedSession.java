// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.cql.Statement;
import io.millrace.featurestore.history.StoreUnavailableException;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A session with limits: at most so many writes in flight (a caller beyond waits), each tried again
 * until its deadline. Every statement must be idempotent. Thread-safe.
 */
final class BoundedSession {
  private static final int IN_FLIGHT_MAX = 512;
  private static final Duration WRITE_DEADLINE = Duration.ofSeconds(6);
  private static final Duration BULK_DEADLINE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final CqlSession session;
  private final Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);

  BoundedSession(CqlSession session) {
    this.session = session;
  }

  PreparedStatement prepare(String cql) {
    return session.prepare(SimpleStatement.newInstance(cql).setIdempotent(true));
  }

  /** Prepares a statement by which instances tell each other something. */
  PreparedStatement prepareShared(String cql) {
    return session.prepare(
        SimpleStatement.newInstance(cql)
            .setIdempotent(true)
            .setConsistencyLevel(DefaultConsistencyLevel.LOCAL_QUORUM));
  }

  /** Greater than every timestamp that this session's statements have, in microseconds. */
  long nextTimestamp() {
    return session.getContext().getTimestampGenerator().next();
  }

  /** Executes a write; waits for a place first. */
  CompletionStage<Void> write(Statement<?> statement) {
    long deadline = System.nanoTime() + WRITE_DEADLINE.toNanos();
    try {
      if (!inFlight.tryAcquire(WRITE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
        return CompletableFuture.failedFuture(
            new StoreUnavailableException("Cassandra does not keep up", null));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CompletableFuture.failedFuture(
          new StoreUnavailableException("interrupted while writing to Cassandra", e));
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    attempt(statement, deadline, done);
    return done.whenComplete((ok, failure) -> inFlight.release());
  }

  private void attempt(Statement<?> statement, long deadline, CompletableFuture<Void> done) {
    execute(statement)
        .whenComplete(
            (result, failure) -> {
              if (failure == null) {
                done.complete(null);
              } else if (System.nanoTime() - deadline > 0 || session.isClosed()) {
                done.completeExceptionally(
                    new StoreUnavailableException("Cassandra: " + failure.getMessage(), failure));
              } else {
                Executor later =
                    CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                later.execute(() -> attempt(statement, deadline, done));
              }
            });
  }

  private CompletionStage<?> execute(Statement<?> statement) {
    try {
      return session.executeAsync(statement);
    } catch (RuntimeException e) {
      // A caller waits for the outcome, not for this thread.
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Sends a query of a bulk read, which may take its time. */
  CompletableFuture<AsyncResultSet> send(BoundStatement statement) {
    return session.executeAsync(statement.setTimeout(BULK_DEADLINE)).toCompletableFuture();
  }

  /**
   * The rows of all pages of an answer; a step to another page waits for it.
   *
   * @throws StoreUnavailableException where it does not come, from here and from the iterator
   */
  static Iterator<Row> rows(CompletableFuture<AsyncResultSet> answer) {
    return new Iterator<>() {
      private AsyncResultSet page = await(answer);
      private Iterator<Row> rows = page.currentPage().iterator();

      @Override
      public boolean hasNext() {
        while (!rows.hasNext() && page.hasMorePages()) {
          page = await(page.fetchNextPage().toCompletableFuture());
          rows = page.currentPage().iterator();
        }
        return rows.hasNext();
      }

      @Override
      public Row next() {
        if (!hasNext()) {
          throw new NoSuchElementException("no more rows");
        }
        return rows.next();
      }
    };
  }

  private static AsyncResultSet await(CompletableFuture<AsyncResultSet> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw new StoreUnavailableException("Cassandra: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted while reading from Cassandra", e);
    }
  }

  /**
   * Executes a query of a few rows that somebody waits for.
   *
   * @throws StoreUnavailableException where the answer does not come within the session's timeout
   */
  ResultSet ask(BoundStatement statement) {
    return execute(() -> session.execute(statement));
  }

  /** Executes a query of a bulk read; its rows come page by page. */
  ResultSet query(BoundStatement statement) {
    return execute(() -> session.execute(statement.setTimeout(BULK_DEADLINE)));
  }

  private static ResultSet execute(Supplier<ResultSet> query) {
    try {
      return query.get();
    } catch (DriverException e) {
      throw new StoreUnavailableException("Cassandra: " + e.getMessage(), e);
    }
  }
}
