// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.security.ApiKey;
import io.millrace.common.security.ApiKeys;
import io.millrace.common.serde.Json;
import io.millrace.features.view.FeatureStatus;
import io.millrace.featurestore.history.StoreUnavailableException;
import io.millrace.featurestore.online.DeniedException;
import io.millrace.featurestore.online.InvalidQuestionException;
import io.millrace.featurestore.online.NotServingException;
import io.millrace.featurestore.online.OnlineBlock;
import io.millrace.featurestore.online.OnlineFeatures;
import io.millrace.featurestore.online.OnlineQuestion;
import io.millrace.featurestore.online.OverloadedException;
import io.millrace.featurestore.online.WireAnswer;
import io.millrace.featurestore.view.FeatureSet;
import io.millrace.featurestore.view.Generation;
import io.millrace.featurestore.view.UnknownFeatureException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Online features. */
@RestController
@RequestMapping("/v1/applications/{app}")
public final class OnlineController {
  /** Milliseconds that the caller will wait; the service's own deadline holds where it is less. */
  static final String DEADLINE_HEADER = "X-Deadline-Ms";

  private static final int RETRY_S = 1;
  private static final String COLUMNS = "columns";
  private static final String ROWS = "rows";

  private final ApplicationRegistry registry;
  private final OnlineFeatures online;
  private final ApiKeys keys;
  private final InstantSource clock;

  public OnlineController(
      ApplicationRegistry registry, OnlineFeatures online, ApiKeys keys, InstantSource clock) {
    this.registry = registry;
    this.online = online;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * @param at one moment for all rows; absent means now
   * @param ats a moment for each row
   * @param orient {@code rows} (or absent) or {@code columns}
   */
  record OnlineRequest(
      @Nullable List<String> views,
      @Nullable List<String> features,
      @Nullable List<Map<String, @Nullable Object>> entities,
      @Nullable Object at,
      @Nullable List<@Nullable Object> ats,
      @Nullable Boolean pseudonymous,
      @Nullable String orient) {}

  @PostMapping("/features:online")
  ResponseEntity<byte[]> online(
      @PathVariable String app,
      @RequestHeader HttpHeaders headers,
      @RequestBody OnlineRequest request) {
    registry.require(app);
    boolean wire =
        String.valueOf(headers.getFirst(HttpHeaders.ACCEPT)).startsWith(WireAnswer.CONTENT_TYPE);
    String orient = request.orient() == null ? ROWS : request.orient();
    if (!orient.equals(ROWS) && !orient.equals(COLUMNS)) {
      throw ProblemException.invalid("orient", "orient", "write rows or columns");
    }
    long asOf = Moments.parse(request.at(), clock.millis(), "at");
    byte[] body =
        answer(
            app,
            () -> question(request, asOf),
            headers,
            read ->
                wire
                    ? WireAnswer.write(read, asOf, 0, Json.mapper()::writeValueAsBytes)
                    : OnlineJson.write(read, asOf, orient.equals(COLUMNS)));
    return ResponseEntity.ok()
        .contentType(
            wire ? MediaType.parseMediaType(WireAnswer.CONTENT_TYPE) : MediaType.APPLICATION_JSON)
        .body(body);
  }

  /** What the question's maker may throw is answered like what the read throws. */
  private interface Asking {
    OnlineQuestion question();
  }

  private <T> T answer(
      String app, Asking asking, HttpHeaders headers, Function<OnlineFeatures.Answer, T> write) {
    OnlineFeatures.Caller caller = caller(headers);
    try {
      return online.read(app, asking.question(), caller, write);
    } catch (InvalidQuestionException e) {
      throw ProblemException.invalid(e.path(), e.rule(), String.valueOf(e.getMessage()));
    } catch (UnknownFeatureException e) {
      throw ProblemException.invalid(
          "unknown feature",
          List.of(new Violation("features", "unknown", String.valueOf(e.getMessage()))));
    } catch (DeniedException e) {
      throw new ProblemException(
          403, "Forbidden", String.valueOf(e.getMessage()), List.of(), Map.of());
    } catch (OverloadedException e) {
      throw ProblemException.overloaded(String.valueOf(e.getMessage()), RETRY_S);
    } catch (StoreUnavailableException | NotServingException e) {
      throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_S);
    }
  }

  private OnlineFeatures.Caller caller(HttpHeaders headers) {
    String presented =
        ApiKeys.presented(
            headers.getFirst(HttpHeaders.AUTHORIZATION), headers.getFirst(ApiKey.HEADER));
    ApiKeys.Principal principal =
        keys.reader(presented)
            .orElseThrow(
                () ->
                    new ProblemException(
                        401,
                        "Unauthorized",
                        "send an API key that may read in the header " + ApiKey.HEADER,
                        List.of(),
                        Map.of("WWW-Authenticate", "Bearer")));
    return new OnlineFeatures.Caller(
        principal.name(),
        principal,
        principal::mayRead,
        deadline(headers.getFirst(DEADLINE_HEADER)));
  }

  private static @Nullable Duration deadline(@Nullable String ms) {
    if (ms == null) {
      return null;
    }
    if (!ms.matches("[1-9][0-9]{0,8}")) {
      throw ProblemException.invalid(DEADLINE_HEADER, "deadline", "write at least 1 millisecond");
    }
    return Duration.ofMillis(Long.parseLong(ms));
  }

  private static OnlineQuestion question(OnlineRequest request, long asOf) {
    List<Map<String, @Nullable Object>> entities =
        request.entities() == null ? List.of() : request.entities();
    int rows = entities.size();
    if (request.ats() != null && request.ats().size() != rows) {
      throw new InvalidQuestionException("ats", "size", "send one moment for each of entities");
    }
    requireNames(request.views(), "views");
    requireNames(request.features(), "features");
    Map<String, @Nullable Object[]> keys = new HashMap<>();
    long[] moments = new long[rows];
    for (int i = 0; i < rows; i++) {
      int row = i;
      Map<String, @Nullable Object> sent =
          entities.get(i) == null ? Map.<String, @Nullable Object>of() : entities.get(i);
      sent.forEach(
          (entity, key) -> keys.computeIfAbsent(entity, absent -> new Object[rows])[row] = key);
      moments[i] =
          request.ats() == null
              ? asOf
              : Moments.parse(request.ats().get(i), asOf, "ats[" + i + "]");
    }
    return new OnlineQuestion(
        request.views(),
        request.features(),
        keys,
        moments,
        Boolean.TRUE.equals(request.pseudonymous()));
  }

  private static void requireNames(@Nullable List<? extends @Nullable String> names, String path) {
    for (int i = 0; names != null && i < names.size(); i++) {
      if (names.get(i) == null) {
        throw new InvalidQuestionException(path + "[" + i + "]", "missing", "is null; send a name");
      }
    }
  }

  /** One view of one key. */
  @GetMapping("/features/{view}/{key}")
  Map<String, Object> one(
      @PathVariable String app,
      @PathVariable String view,
      @PathVariable String key,
      @RequestHeader HttpHeaders headers,
      @RequestParam(required = false) @Nullable String at,
      @RequestParam(defaultValue = "false") boolean pseudonymous) {
    registry.require(app);
    long asOf = Moments.parse(at, clock.millis(), "at");
    Generation.Place place = generation(app).find(view);
    if (place == null) {
      throw ProblemException.notFound("there is no feature view '" + view + "'");
    }
    String entity = place.group().entity();
    return answer(
        app,
        () ->
            new OnlineQuestion(
                List.of(view),
                null,
                Map.of(entity, new Object[] {key}),
                new long[] {asOf},
                pseudonymous),
        headers,
        read -> one(read, asOf, view, entity, key));
  }

  private static Map<String, Object> one(
      OnlineFeatures.Answer read, long asOf, String view, String entity, String sent) {
    OnlineBlock block = read.block();
    FeatureSet set = block.features();
    Map<String, Object> features = new LinkedHashMap<>();
    for (int i = 0; i < set.names().size(); i++) {
      FeatureStatus status = FeatureStatus.values()[block.status(0, i)];
      Map<String, @Nullable Object> feature = new LinkedHashMap<>();
      if (read.isDenied(i)) {
        feature.put("status", "denied");
      } else {
        feature.put("value", block.value(0, i));
        feature.put("status", status.name().toLowerCase(Locale.ROOT));
      }
      features.put(set.names().get(i).substring(view.length() + 1), feature);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    String known = Objects.requireNonNullElse(block.key(0, 0), sent);
    answer.put("asOf", asOf);
    answer.put("view", view);
    answer.put("entity", entity);
    answer.put("key", known);
    answer.put("features", features);
    answer.put("states", block.states(0));
    if (block.version(0, 0) > 0) {
      answer.put("ageMs", block.ageMs(0, 0));
    }
    return answer;
  }

  private Generation generation(String app) {
    try {
      return online.generation(app);
    } catch (NotServingException e) {
      throw ProblemException.unavailable(String.valueOf(e.getMessage()), RETRY_S);
    }
  }
}
