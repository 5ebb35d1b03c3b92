// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import java.util.Locale;
import java.util.Optional;

/**
 * How a dataset is got: asked for, waited for, fetched. It may be lost on the way, with the
 * instance of the feature store that has it or because it was removed; then it is asked for anew,
 * and whoever is left builds it. That is safe, as equal questions about equal data are one dataset.
 */
public final class DatasetOrder {
  private static final int NOT_FOUND = 404;
  private static final int BAD_GATEWAY = 502;

  private DatasetOrder() {}

  /** A dataset that was promised is not to be had any more. */
  public static final class LostException extends Exception {
    private static final long serialVersionUID = 1L;

    public LostException(String message) {
      super(message);
    }
  }

  /**
   * Who is asked. What else it throws ends the order.
   *
   * @param <S> what is told of a dataset that is ready
   * @param <R> what is fetched
   */
  public interface Source<S, R> {
    /**
     * Asks for the dataset.
     *
     * @return its id
     */
    String ask() throws LostException, InterruptedException;

    /** What is told of it; empty while it is being built. */
    Optional<S> ready(String id) throws LostException, InterruptedException;

    /** Fetches it. */
    R fetch(S ready) throws LostException, InterruptedException;

    /**
     * Waits a little before the next step; throws where the order has taken too long.
     *
     * @param why something is to be done again, for people
     */
    void pause(String why) throws InterruptedException;
  }

  /** Whether an answer to a question about a dataset says that it is lost. */
  public static boolean isLost(int status) {
    return status == NOT_FOUND || status == BAD_GATEWAY;
  }

  /**
   * How far a dataset is, for people.
   *
   * @param phase what is being done
   * @param done rows of this phase
   * @param all rows of this phase; 0 where not known
   */
  public static String progress(String phase, long done, long all) {
    if (all > 0) {
      return String.format(
          Locale.ROOT, "%s: %,d of %,d rows, %d %%", phase, done, all, 100 * done / all);
    }
    return done > 0 ? String.format(Locale.ROOT, "%s: %,d rows", phase, done) : phase;
  }

  /** Gets a dataset, however often it is lost on the way. */
  public static <S, R> R get(Source<S, R> source) throws InterruptedException {
    while (true) {
      try {
        String id = source.ask();
        Optional<S> ready = source.ready(id);
        while (ready.isEmpty()) {
          source.pause("dataset " + id + " was not ready");
          ready = source.ready(id);
        }
        return source.fetch(ready.get());
      } catch (LostException e) {
        source.pause(e.getMessage() + ", asked for again");
      }
    }
  }
}
