// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.EventRejected;
import io.millrace.ingest.intake.Books;
import io.millrace.ingest.intake.Intake;
import io.millrace.ingest.intake.IntakeUnavailableException;
import java.util.List;
import java.util.function.BiFunction;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What came in, and what was refused. */
@RestController
public final class BooksController {
  private static final int LETTERS_MAX = 1_000;
  private static final int RETRY_AFTER_S = 3;

  private final ApplicationRegistry registry;
  private final Intake intake;
  private final BiFunction<String, Integer, List<EventRejected>> deadLetters;

  /**
   * @param deadLetters application and limit → its last dead letters, newest first
   */
  public BooksController(
      ApplicationRegistry registry,
      Intake intake,
      BiFunction<String, Integer, List<EventRejected>> deadLetters) {
    this.registry = registry;
    this.intake = intake;
    this.deadLetters = deadLetters;
  }

  @GetMapping("/v1/applications/{app}/books")
  Books books(@PathVariable String app) {
    registry.require(app);
    try {
      return intake.books(app);
    } catch (IntakeUnavailableException e) {
      throw ProblemException.unavailable(e.getMessage() + ".", RETRY_AFTER_S);
    }
  }

  @GetMapping("/v1/applications/{app}/rejected")
  List<EventRejected> rejected(
      @PathVariable String app, @RequestParam(defaultValue = "100") int limit) {
    registry.require(app);
    if (limit < 1 || limit > LETTERS_MAX) {
      throw ProblemException.invalid("limit", "range", "is 1 to " + LETTERS_MAX);
    }
    try {
      return deadLetters.apply(app, limit);
    } catch (IntakeUnavailableException e) {
      throw ProblemException.unavailable(e.getMessage() + ".", RETRY_AFTER_S);
    }
  }
}
