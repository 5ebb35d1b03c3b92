// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.ServiceRequest;
import io.millrace.featurestore.dataset.DatasetPlaces;
import io.millrace.featurestore.dataset.DatasetPlaces.Place;
import io.millrace.featurestore.history.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/**
 * Asks the instance that has a dataset, for a client that asked this one; a client behind a load
 * balancer cannot choose whom it asks. What is asked so is answered and not passed on again. Needs
 * a few kilobytes for a file of any size. Thread-safe.
 */
public final class OtherInstances {
  /** Carried by a request of one instance to another, with the name of the one that sent it. */
  static final String FORWARDED_BY = "X-Millrace-Forwarded-By";

  private static final Logger LOG = LoggerFactory.getLogger(OtherInstances.class);
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}");
  private static final int ANSWER_BYTES_MAX = 16 << 20;
  private static final int RETRY_S = 2;

  /** So many that do not answer, one after the other, are stood in for; then two may build. */
  private static final int GONE_MAX = 3;

  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int BAD_GATEWAY = 502;
  private static final int SERVER_ERROR = 500;

  private final DatasetPlaces places;
  private final HttpClient client;
  private final String instance;
  private final String apiKey;
  private final Duration patience;

  /**
   * @param instance name of this one
   * @param patience for an answer to begin, and for each part of it to come
   */
  public OtherInstances(
      DatasetPlaces places, HttpClient client, String instance, String apiKey, Duration patience) {
    this.places = places;
    this.client = client;
    this.instance = instance;
    this.apiKey = apiKey;
    this.patience = patience;
  }

  /**
   * Has a request for a dataset answered by an instance that has the dataset or its spine.
   *
   * @param id of what it has
   * @param body of the request, JSON
   * @return empty where none has it, or none that answers
   * @throws StoreUnavailableException where that cannot be known
   */
  Optional<ResponseEntity<byte[]>> submit(String app, String id, byte[] body) {
    for (Place place : places.others(app, id)) {
      Optional<ResponseEntity<byte[]>> answer = submitTo(place, app, id, body);
      if (answer.isPresent()) {
        return answer;
      }
    }
    return Optional.empty();
  }

  /**
   * Has a request answered by the instance that was asked for this dataset first, unless that is
   * this one, or does not answer, or has too many waiting.
   *
   * @return empty where this instance is to build it
   * @throws StoreUnavailableException where that cannot be known
   */
  Optional<ResponseEntity<byte[]>> submitToBuilder(String app, String id, byte[] body) {
    Optional<Place> builder = places.builder(app, id, null);
    for (int gone = 0; builder.isPresent() && gone < GONE_MAX; gone++) {
      Optional<ResponseEntity<byte[]>> answer = submitTo(builder.get(), app, id, body);
      if (answer.isPresent() && answer.get().getStatusCode().value() != TOO_MANY_REQUESTS) {
        return answer;
      }
      builder = places.builder(app, id, builder.get());
    }
    return Optional.empty();
  }

  private Optional<ResponseEntity<byte[]>> submitTo(
      Place place, String app, String id, byte[] body) {
    HttpRequest request =
        to(place, path(app))
            .header(HttpHeaders.CONTENT_TYPE, MediaType.APPLICATION_JSON_VALUE)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try {
      ResponseEntity<byte[]> answer = whole(send(request));
      if (answer.getStatusCode().value() < SERVER_ERROR) {
        return Optional.of(answer);
      }
      LOG.warn("{} answers {} for {} of {}", place, answer.getStatusCode(), id, app);
    } catch (IOException e) {
      LOG.warn("{} does not answer for {} of {}: {}", place, id, app, e.toString());
    }
    return Optional.empty();
  }

  /**
   * How a dataset is that another instance has.
   *
   * @return empty where none has it
   * @throws ProblemException 502 where the one that has it does not answer
   */
  Optional<ResponseEntity<byte[]>> status(String app, String id) {
    return get(app, id, path(app) + "/" + id, this::whole);
  }

  /**
   * A file of a dataset that another instance has.
   *
   * @return empty where none has it
   * @throws ProblemException 502 where the one that has it does not answer
   */
  Optional<ResponseEntity<Resource>> file(String app, String id, String name) {
    return FILE_NAME.matcher(name).matches()
        ? get(app, id, path(app) + "/" + id + "/files/" + name, this::streamed)
        : Optional.empty();
  }

  /** Takes what was answered with 200; closes the answer or has it closed. */
  @FunctionalInterface
  private interface Taker<T> {
    ResponseEntity<T> take(HttpResponse<InputStream> response) throws IOException;
  }

  private <T> Optional<ResponseEntity<T>> get(String app, String id, String path, Taker<T> taker) {
    List<Place> all;
    try {
      all = places.others(app, id);
    } catch (StoreUnavailableException e) {
      throw ProblemException.unavailable(
          "whether another instance has '" + id + "' is not known: " + e.getMessage(), RETRY_S);
    }
    Place silent = null;
    for (Place place : all) {
      try {
        HttpResponse<InputStream> response = send(to(place, path).GET().build());
        if (response.statusCode() == OK) {
          return Optional.of(taker.take(response));
        }
        response.body().close();
        if (response.statusCode() != NOT_FOUND) {
          throw new IOException("it answers " + response.statusCode());
        }
      } catch (IOException e) {
        LOG.warn("{} does not answer for {} of {}: {}", place, id, app, e.toString());
        silent = place;
      }
    }
    if (silent != null) {
      throw new ProblemException(
          BAD_GATEWAY,
          "Bad gateway",
          ("'%s' is on instance '%s' at %s, which does not answer; a dataset that is asked for"
                  + " again is built here")
              .formatted(id, silent.instance(), silent.address()),
          List.of(),
          Map.of(HttpHeaders.RETRY_AFTER, Integer.toString(RETRY_S)));
    }
    return Optional.empty();
  }

  private static String path(String app) {
    return "/v1/applications/" + app + "/datasets";
  }

  private HttpRequest.Builder to(Place place, String path) {
    return ServiceRequest.to(place.address(), path, apiKey)
        .header(FORWARDED_BY, instance)
        .timeout(patience);
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private ResponseEntity<byte[]> whole(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = new PatientStream(response.body(), patience)) {
      byte[] bytes = body.readNBytes(ANSWER_BYTES_MAX);
      if (body.read() >= 0) {
        throw new IOException("the answer has more than " + ANSWER_BYTES_MAX + " bytes");
      }
      return ResponseEntity.status(response.statusCode()).contentType(type(response)).body(bytes);
    }
  }

  private ResponseEntity<Resource> streamed(HttpResponse<InputStream> response) {
    ResponseEntity.BodyBuilder answer = ResponseEntity.ok().contentType(type(response));
    response
        .headers()
        .firstValueAsLong(HttpHeaders.CONTENT_LENGTH)
        .ifPresent(answer::contentLength);
    return answer.body(new InputStreamResource(new PatientStream(response.body(), patience)));
  }

  private static MediaType type(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue(HttpHeaders.CONTENT_TYPE)
        .map(MediaType::parseMediaType)
        .orElse(MediaType.APPLICATION_OCTET_STREAM);
  }
}
