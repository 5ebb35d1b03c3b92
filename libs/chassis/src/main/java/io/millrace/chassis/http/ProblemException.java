// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

import java.util.List;
import java.util.Map;

/**
 * An answer in {@code application/problem+json} (RFC 9457). Thrown where a request cannot be
 * served; everything in it is meant for the client.
 */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String title;
  private final transient List<Violation> violations;
  private final transient Map<String, String> headers;

  public ProblemException(
      int status,
      String title,
      String detail,
      List<Violation> violations,
      Map<String, String> headers) {
    super(detail);
    this.status = status;
    this.title = title;
    this.violations = List.copyOf(violations);
    this.headers = Map.copyOf(headers);
  }

  /** 400 with the rules that were broken. */
  public static ProblemException invalid(String detail, List<Violation> violations) {
    return new ProblemException(400, "Invalid request", detail, violations, Map.of());
  }

  /** 400 for one field; without a path, for the request as a whole. */
  public static ProblemException invalid(String path, String rule, String message) {
    return invalid(
        path.isEmpty() ? message : path + ": " + message,
        List.of(new Violation(path, rule, message)));
  }

  public static ProblemException notFound(String detail) {
    return new ProblemException(404, "Not found", detail, List.of(), Map.of());
  }

  public static ProblemException conflict(String detail, List<Violation> violations) {
    return new ProblemException(409, "Conflict", detail, violations, Map.of());
  }

  public static ProblemException tooLarge(String detail) {
    return new ProblemException(413, "Content too large", detail, List.of(), Map.of());
  }

  /** 429: the sender should wait. */
  public static ProblemException overloaded(String detail, int retryAfterSeconds) {
    return new ProblemException(
        429,
        "Too many requests",
        detail,
        List.of(),
        Map.of("Retry-After", Integer.toString(retryAfterSeconds)));
  }

  /** 503: a backend is gone or too slow. */
  public static ProblemException unavailable(String detail, int retryAfterSeconds) {
    return new ProblemException(
        503,
        "Service unavailable",
        detail,
        List.of(),
        Map.of("Retry-After", Integer.toString(retryAfterSeconds)));
  }

  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  public List<Violation> violations() {
    return violations;
  }

  public Map<String, String> headers() {
    return headers;
  }
}
