// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

import io.millrace.common.security.ApiKey;
import io.millrace.common.security.ApiKeys;
import io.millrace.common.serde.Json;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets a request that writes (any method but GET, HEAD and OPTIONS) pass only with an API key that
 * may write there, in {@code X-API-Key} or as a bearer token: events, outcomes, feedback and
 * predictions of an application ask for the role to write, everything else for the role to
 * administer it.
 */
public final class ApiKeyFilter extends OncePerRequestFilter {
  private static final Logger LOG = LoggerFactory.getLogger(ApiKeyFilter.class);
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final Pattern APPLICATION =
      Pattern.compile("/v1/applications/([^/]+)(?:/([a-z]+).*)?");
  private static final Set<String> SENDING =
      Set.of("events", "outcomes", "feedback", "predictions", "predict");

  private final ApiKeys keys;
  private final Predicate<String> readOnlyPath;

  /**
   * @param readOnlyPath paths whose POST only reads (a query in a body)
   */
  public ApiKeyFilter(ApiKeys keys, Predicate<String> readOnlyPath) {
    this.keys = keys;
    this.readOnlyPath = readOnlyPath;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (READING.contains(request.getMethod()) || readOnlyPath.test(request.getRequestURI())) {
      chain.doFilter(request, response);
      return;
    }
    Optional<ApiKeys.Principal> principal =
        keys.find(
            ApiKeys.presented(
                request.getHeader("Authorization"), request.getHeader(ApiKey.HEADER)));
    if (principal.isEmpty()) {
      response.setHeader("WWW-Authenticate", "Bearer");
      refuse(
          request,
          response,
          HttpServletResponse.SC_UNAUTHORIZED,
          "Unauthorized",
          "send an API key (MILLRACE_API_KEY) in the header " + ApiKey.HEADER);
    } else if (mayWrite(principal.get(), request.getRequestURI())) {
      chain.doFilter(request, response);
    } else {
      LOG.warn(
          "denied to '{}': {} {}",
          principal.get().name(),
          request.getMethod(),
          request.getRequestURI());
      refuse(
          request,
          response,
          HttpServletResponse.SC_FORBIDDEN,
          "Forbidden",
          "the API key '" + principal.get().name() + "' has no role that allows this");
    }
  }

  private static boolean mayWrite(ApiKeys.Principal principal, String path) {
    Matcher match = APPLICATION.matcher(path);
    if (!match.matches()) {
      return principal.mayAdminister("*");
    }
    String what = match.group(2);
    return (what != null && SENDING.contains(what))
        ? principal.mayWrite(match.group(1))
        : principal.mayAdminister(match.group(1));
  }

  private static void refuse(
      HttpServletRequest request,
      HttpServletResponse response,
      int status,
      String title,
      String detail)
      throws IOException {
    response.setStatus(status);
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    problem.put("title", title);
    problem.put("status", status);
    problem.put("detail", detail);
    problem.put("instance", request.getRequestURI());
    response.getOutputStream().write(Json.mapper().writeValueAsBytes(problem));
  }
}
