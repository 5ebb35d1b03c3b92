// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.ingest.intake.Intake;
import io.millrace.ingest.intake.IntakeUnavailableException;
import io.millrace.ingest.intake.RawRow;
import io.millrace.ingest.intake.Receipt;
import io.millrace.ingest.intake.UnreadableBodyException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Takes events in. */
@RestController
public final class EventsController {
  private static final Pattern BATCH = Pattern.compile("[A-Za-z0-9_.-]{1,128}");
  private static final int RETRY_AFTER_S = 3;
  private static final int DIGEST_BYTES = 16;
  private static final long FIRST_MAX = 1_000_000_000_000L;

  private final ApplicationRegistry registry;
  private final Intake intake;
  private final Map<String, RowReader> readers;
  private final BodyReader bodies;
  private final Admission admission;

  /**
   * @param readers media type → reader of bodies of that type
   */
  public EventsController(
      ApplicationRegistry registry,
      Intake intake,
      Map<String, RowReader> readers,
      IngestLimits limits) {
    this.registry = registry;
    this.intake = intake;
    this.readers = Map.copyOf(readers);
    this.bodies = new BodyReader(limits.bodyBytesMax());
    this.admission = new Admission(limits.inFlightBytesMax(), limits.concurrentMax());
  }

  @PostMapping("/v1/applications/{app}/events/{event}")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Receipt take(
      @PathVariable String app,
      @PathVariable String event,
      @RequestParam(defaultValue = "false") boolean history,
      @RequestParam(required = false) @Nullable String batch,
      @RequestParam(defaultValue = "-1") long first,
      HttpServletRequest request) {
    ApplicationApplied application = registry.requireApplied(app);
    if (!application.definition().events().containsKey(event)) {
      throw ProblemException.notFound(
          "Application '%s' has no event '%s'; it has %s."
              .formatted(app, event, application.definition().events().keySet()));
    }
    if (batch != null && !BATCH.matcher(batch).matches()) {
      throw ProblemException.invalid("batch", "pattern", "does not match " + BATCH.pattern());
    }
    if (first < -1 || first > FIRST_MAX) {
      throw ProblemException.invalid("first", "range", "is the number of the first row, from 0");
    }
    RowReader reader = reader(request);
    return admission.withBytes(
        bodies.reserve(request),
        () -> {
          byte[] body = body(request);
          return admission.atPlace(
              () ->
                  take(
                      application,
                      event,
                      history,
                      origins(body, batch, first),
                      reader,
                      body,
                      request));
        });
  }

  private Receipt take(
      ApplicationApplied application,
      String event,
      boolean history,
      IntFunction<RawRow.Origin> origins,
      RowReader reader,
      byte[] body,
      HttpServletRequest request) {
    try {
      List<RawRow> rows = reader.read(body, request::getHeader, origins);
      if (rows.isEmpty()) {
        throw ProblemException.invalid("", "empty", "the body holds no event");
      }
      return intake.take(application, event, rows, history);
    } catch (UnreadableBodyException e) {
      if (e.rule().equals("too-large")) {
        throw ProblemException.tooLarge(e.text());
      }
      throw ProblemException.invalid(
          "The body: " + e.text(), List.of(new Violation(e.path(), e.rule(), e.text())));
    } catch (IntakeUnavailableException e) {
      throw ProblemException.unavailable(
          "Not everything was taken in: %s. Sending all of it again is safe."
              .formatted(e.getMessage()),
          RETRY_AFTER_S);
    }
  }

  private byte[] body(HttpServletRequest request) {
    try {
      return bodies.read(request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rows without an id of their own are known by their batch and number, or by the whole body. */
  private static IntFunction<RawRow.Origin> origins(
      byte[] body, @Nullable String batch, long first) {
    String prefix = batch == null ? digest(body) : batch;
    long base = Math.max(first, 0);
    boolean numbered = first >= 0;
    return index ->
        new RawRow.Origin(
            index, prefix + ":" + (base + index), numbered ? base + index : -1, "http", null);
  }

  private RowReader reader(HttpServletRequest request) {
    String declared = request.getContentType();
    String type = declared == null ? "application/json" : declared.split(";", 2)[0];
    type = type.trim().toLowerCase(Locale.ROOT);
    if (request.getHeader("ce-specversion") != null && type.equals("application/json")) {
      type = "cloudevents-binary";
    }
    RowReader reader = readers.get(type);
    if (reader == null) {
      throw new ProblemException(
          415,
          "Unsupported media type",
          "Content-Type: '%s' is none of %s."
              .formatted(
                  type,
                  readers.keySet().stream().filter(each -> each.contains("/")).sorted().toList()),
          List.of(),
          Map.of());
    }
    return reader;
  }

  private static String digest(byte[] body) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(body);
      return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
