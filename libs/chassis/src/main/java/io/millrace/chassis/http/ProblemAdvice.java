// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

import io.millrace.chassis.registry.ApplicationsUnreadException;
import io.millrace.chassis.registry.UnknownApplicationException;
import java.util.List;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Turns every failure of a request into a problem document; stack traces stay in the log. */
@RestControllerAdvice
public final class ProblemAdvice extends ResponseEntityExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);
  private static final int RETRY_AFTER_S = 1;

  @ExceptionHandler
  ResponseEntity<ProblemDetail> problem(ProblemException e) {
    ProblemDetail detail =
        ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(e.status()), e.getMessage());
    detail.setTitle(e.title());
    if (!e.violations().isEmpty()) {
      detail.setProperty("violations", e.violations());
    }
    HttpHeaders headers = new HttpHeaders();
    e.headers().forEach(headers::set);
    headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    return new ResponseEntity<>(detail, headers, e.status());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> unknownApplication(UnknownApplicationException e) {
    return problem(ProblemException.notFound(String.valueOf(e.getMessage())));
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> applicationsUnread(ApplicationsUnreadException e) {
    return problem(ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_AFTER_S));
  }

  @Override
  protected ResponseEntity<Object> handleHttpMessageNotReadable(
      HttpMessageNotReadableException e,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    Violation violation = UnreadBody.violation(e.getMostSpecificCause());
    if (violation != null) {
      String path = violation.path().isEmpty() ? "The body" : violation.path();
      return anything(
          ProblemException.invalid(path + ": " + violation.message(), List.of(violation)));
    }
    String cause = e.getMostSpecificCause().getMessage();
    String first = cause == null ? "unreadable" : cause.lines().findFirst().orElse("unreadable");
    ProblemDetail detail = ProblemDetail.forStatusAndDetail(status, "The body: " + first);
    detail.setTitle("Invalid request");
    return ResponseEntity.status(status)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(detail);
  }

  /** A parameter of the address that is of another type. */
  @Override
  protected ResponseEntity<Object> handleTypeMismatch(
      TypeMismatchException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
    String name =
        e instanceof MethodArgumentTypeMismatchException argument
            ? argument.getName()
            : String.valueOf(e.getPropertyName());
    return anything(
        ProblemException.invalid(
            name, "type", "'" + e.getValue() + "' is not " + UnreadBody.form(e.getRequiredType())));
  }

  /** A query that cannot be decoded, such as {@code ?q=%ZZ}. */
  @ExceptionHandler
  ResponseEntity<ProblemDetail> undecodable(InvalidParameterException e) {
    return problem(
        ProblemException.invalid(
            "The query cannot be decoded: write a percent sign as %25 and send UTF-8.",
            List.of(new Violation("?", "encoding", "cannot be decoded"))));
  }

  private ResponseEntity<Object> anything(ProblemException e) {
    ResponseEntity<ProblemDetail> problem = problem(e);
    return new ResponseEntity<>(problem.getBody(), problem.getHeaders(), problem.getStatusCode());
  }

  @ExceptionHandler
  ResponseEntity<ProblemDetail> unexpected(Exception e) {
    LOG.error("request failed", e);
    ProblemDetail detail =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.INTERNAL_SERVER_ERROR,
            "An error that is ours; the service's log has it under the request's trace id.");
    return ResponseEntity.internalServerError()
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(detail);
  }
}
