// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis.http;

import io.millrace.common.security.ApiKey;
import io.millrace.common.serde.Json;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets a request that writes (any method but GET, HEAD and OPTIONS) pass only with the API key, in
 * {@code X-API-Key} or as a bearer token.
 */
public final class ApiKeyFilter extends OncePerRequestFilter {
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final String BEARER = "Bearer ";

  private final ApiKey key;
  private final Predicate<String> readOnlyPath;

  /**
   * @param readOnlyPath paths whose POST only reads (a query in a body)
   */
  public ApiKeyFilter(ApiKey key, Predicate<String> readOnlyPath) {
    this.key = key;
    this.readOnlyPath = readOnlyPath;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String authorization = request.getHeader("Authorization");
    String presented =
        authorization != null && authorization.startsWith(BEARER)
            ? authorization.substring(BEARER.length())
            : request.getHeader(ApiKey.HEADER);
    if (READING.contains(request.getMethod())
        || readOnlyPath.test(request.getRequestURI())
        || key.matches(presented)) {
      chain.doFilter(request, response);
      return;
    }
    response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
    response.setHeader("WWW-Authenticate", "Bearer");
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    problem.put("title", "Unauthorized");
    problem.put("status", HttpServletResponse.SC_UNAUTHORIZED);
    problem.put("detail", "send the API key (MILLRACE_API_KEY) in the header " + ApiKey.HEADER);
    problem.put("instance", request.getRequestURI());
    response.getOutputStream().write(Json.mapper().writeValueAsBytes(problem));
  }
}
