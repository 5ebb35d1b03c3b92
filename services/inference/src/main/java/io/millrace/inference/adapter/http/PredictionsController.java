// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.contract.PredictionServed;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.common.definition.InvalidKeyException;
import io.millrace.common.security.Pseudonymiser;
import io.millrace.inference.model.ModelDirectory;
import io.millrace.inference.model.ServedVersion;
import io.millrace.inference.serving.Question;
import io.millrace.inference.serving.ServedPredictions;
import io.millrace.inference.serving.ServingMeter;
import io.millrace.inference.serving.Values;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Synchronous predictions, and the poll of all predictions. */
@RestController
@RequestMapping("/v1/applications/{app}")
public final class PredictionsController {
  private static final int INSTANCES_MAX = 1_000;
  private static final int POLL_MAX = 1_000;
  private static final int ID_LENGTH_MAX = 200;
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration POLL_WAIT_MAX = Duration.ofSeconds(10);
  private static final String REQUEST_PREFIX = FeatureScopes.EVENT + ".";

  private final ApplicationRegistry registry;
  private final ModelDirectory models;
  private final RequestPredictions predictions;
  private final ServedPredictions log;
  private final Pseudonymiser pseudonymiser;
  private final InstantSource clock;
  private final ServingMeter meter;

  public PredictionsController(
      ApplicationRegistry registry,
      ModelDirectory models,
      RequestPredictions predictions,
      ServedPredictions log,
      Pseudonymiser pseudonymiser,
      InstantSource clock,
      ServingMeter meter) {
    this.registry = registry;
    this.models = models;
    this.predictions = predictions;
    this.log = log;
    this.pseudonymiser = pseudonymiser;
    this.clock = clock;
    this.meter = meter;
  }

  /**
   * One question, or several in {@code instances}.
   *
   * @param id becomes the prediction id; absent: a random one
   * @param entities entity → key, in clear: a plain value, or an object of its parts
   * @param request fields of the deciding event
   * @param at event time, milliseconds or RFC 3339; absent: now
   */
  record Ask(
      @Nullable String id,
      @Nullable Map<String, Object> entities,
      @Nullable Map<String, Object> request,
      @Nullable Object at,
      @Nullable Boolean pseudonymous,
      @Nullable List<Ask> instances) {}

  record Told(List<PredictionServed> predictions) {}

  @PostMapping("/predictions")
  Told predict(@PathVariable String app, @RequestBody Ask ask) {
    ApplicationDefinition definition = registry.require(app);
    ServedVersion champion = Champions.require(models, app);
    List<Ask> instances = ask.instances() == null ? List.of(ask) : ask.instances();
    if (instances.isEmpty() || instances.size() > INSTANCES_MAX) {
      throw ProblemException.invalid("instances", "size", "1 to " + INSTANCES_MAX + " are allowed");
    }
    List<Violation> violations = new ArrayList<>();
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < instances.size(); i++) {
      String path = ask.instances() == null ? "" : "instances[" + i + "].";
      Ask each = instances.get(i);
      if (each == null) {
        violations.add(new Violation("instances[" + i + "]", "required", "an instance is null"));
      } else {
        questions.add(question(definition, champion, each, path, violations));
      }
    }
    if (!violations.isEmpty()) {
      throw ProblemException.invalid(violations.getFirst().message(), violations);
    }
    return new Told(answers(app, questions));
  }

  private List<PredictionServed> answers(String app, List<Question> questions) {
    long start = clock.millis();
    List<CompletableFuture<PredictionServed>> futures = new ArrayList<>();
    try {
      for (Question question : questions) {
        futures.add(predictions.submit(app, question));
      }
      List<PredictionServed> answers = new ArrayList<>();
      for (CompletableFuture<PredictionServed> future : futures) {
        long left = ANSWER_TIMEOUT.toMillis() - (clock.millis() - start);
        answers.add(future.get(Math.max(1, left), TimeUnit.MILLISECONDS));
      }
      meter.served(app, "request", answers.size(), clock.millis() - start);
      return answers;
    } catch (RejectedExecutionException e) {
      throw ProblemException.overloaded("too many prediction requests are waiting", 1);
    } catch (TimeoutException e) {
      throw ProblemException.unavailable("no answer within " + ANSWER_TIMEOUT, 1);
    } catch (ExecutionException e) {
      throw new IllegalStateException("prediction failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ProblemException.unavailable("the service is stopping", 1);
    } finally {
      // Nobody waits any more: what is still queued need not be answered.
      futures.forEach(future -> future.cancel(false));
    }
  }

  private Question question(
      ApplicationDefinition definition,
      ServedVersion champion,
      Ask ask,
      String path,
      List<Violation> violations) {
    if (ask.id() != null && (ask.id().isBlank() || ask.id().length() > ID_LENGTH_MAX)) {
      violations.add(
          new Violation(path + "id", "length", "an id has 1 to " + ID_LENGTH_MAX + " characters"));
    }
    Map<String, String> entities = entities(definition, ask, path, violations);
    Map<String, Object> request = new LinkedHashMap<>();
    List<String> known =
        champion.reads().stream()
            .filter(name -> name.startsWith(REQUEST_PREFIX))
            .map(name -> name.substring(REQUEST_PREFIX.length()))
            .toList();
    if (ask.request() != null) {
      ask.request()
          .forEach(
              (field, value) -> {
                Object canonical = Values.canonical(value);
                if (!known.contains(field)) {
                  violations.add(
                      new Violation(
                          path + "request." + field,
                          "unknown-field",
                          "the model takes no field '" + field + "'; it takes " + known));
                } else if (canonical instanceof Map || canonical instanceof List) {
                  violations.add(
                      new Violation(
                          path + "request." + field,
                          "type",
                          "'" + field + "' is not a plain value"));
                } else if (canonical != null) {
                  request.put(field, canonical);
                }
              });
    }
    return new Question(
        ask.id() == null ? UUID.randomUUID().toString() : ask.id(),
        entities,
        request,
        moment(ask.at(), path, violations),
        clock.millis());
  }

  private Map<String, String> entities(
      ApplicationDefinition definition, Ask ask, String path, List<Violation> violations) {
    Map<String, String> keys = new TreeMap<>();
    definition
        .entities()
        .forEach(
            (name, entity) -> {
              if (entity.constant() != null) {
                keys.put(name, entity.constant());
              }
            });
    if (ask.entities() != null) {
      ask.entities()
          .forEach(
              (entity, value) -> {
                if (!definition.entities().containsKey(entity)) {
                  violations.add(
                      new Violation(
                          path + "entities." + entity,
                          "unknown-entity",
                          "no entity '"
                              + entity
                              + "'; there are "
                              + definition.entities().keySet()));
                } else {
                  String key = key(definition, ask, entity, value, path, violations);
                  if (key != null) {
                    keys.put(entity, key);
                  }
                }
              });
    }
    return keys;
  }

  private @Nullable String key(
      ApplicationDefinition definition,
      Ask ask,
      String entity,
      @Nullable Object sent,
      String path,
      List<Violation> violations) {
    boolean hashed = Boolean.TRUE.equals(ask.pseudonymous());
    try {
      String key =
          definition
              .sentKeys(
                  entity,
                  (field, text) ->
                      hashed ? text : pseudonymiser.pseudonym(definition.name(), field, text))
              .of(Values.canonical(sent));
      if (key == null) {
        violations.add(
            new Violation(path + "entities." + entity, "missing-key", "the key is empty"));
      }
      return key;
    } catch (InvalidKeyException e) {
      violations.add(
          new Violation(
              e.below(path + "entities." + entity), e.rule(), String.valueOf(e.getMessage())));
      return null;
    }
  }

  private long moment(@Nullable Object at, String path, List<Violation> violations) {
    return switch (Values.canonical(at)) {
      case null -> clock.millis();
      case Long millis -> millis;
      case String text -> {
        try {
          yield Instant.parse(text).toEpochMilli();
        } catch (DateTimeParseException e) {
          violations.add(
              new Violation(path + "at", "time-format", "'" + text + "' is not RFC 3339"));
          yield 0;
        }
      }
      default -> {
        violations.add(
            new Violation(path + "at", "time-format", "milliseconds or an RFC 3339 text"));
        yield 0;
      }
    };
  }

  /** Every prediction after the cursor, each once; the answer's cursor asks for the next ones. */
  @GetMapping("/predictions")
  ServedPredictions.Page poll(
      @PathVariable String app,
      @RequestParam(required = false) @Nullable String after,
      @RequestParam(defaultValue = "100") int limit,
      @RequestParam(defaultValue = "0") long waitMs) {
    registry.require(app);
    if (limit < 1 || limit > POLL_MAX) {
      throw ProblemException.invalid("limit", "range", "1 to " + POLL_MAX);
    }
    if (waitMs < 0 || waitMs > POLL_WAIT_MAX.toMillis()) {
      throw ProblemException.invalid("waitMs", "range", "0 to " + POLL_WAIT_MAX.toMillis());
    }
    try {
      return log.read(app, after, limit, Duration.ofMillis(waitMs));
    } catch (IllegalArgumentException e) {
      throw ProblemException.invalid("after", "cursor", String.valueOf(e.getMessage()));
    } catch (RejectedExecutionException e) {
      throw ProblemException.overloaded(String.valueOf(e.getMessage()), 1);
    }
  }

  record Serving(String app, List<ModelDirectory.VersionView> versions, int waiting) {}

  @GetMapping("/serving")
  Serving serving(@PathVariable String app) {
    registry.require(app);
    return new Serving(app, models.versions(app), predictions.waiting(app));
  }
}
