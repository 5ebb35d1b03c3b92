// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.adapter.http;

import io.millrace.chassis.http.ServiceRequest;
import io.millrace.datasets.DatasetOrder;
import io.millrace.datasets.DatasetOrder.LostException;
import io.millrace.models.ModelPackage;
import io.millrace.validator.model.CandidateTrial.UnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Files and answers of another service over HTTP, with limits: a client error is final, anything
 * else is {@link UnavailableException}. Thread-safe.
 */
final class VerifiedDownload {
  private static final int BUFFER = 1 << 16;

  private final HttpClient client;
  private final URI base;
  private final String apiKey;
  private final String service;
  private final Duration timeout;

  VerifiedDownload(HttpClient client, URI base, String apiKey, String service, Duration timeout) {
    this.client = client;
    this.base = base;
    this.apiKey = apiKey;
    this.service = service;
    this.timeout = timeout;
  }

  /** The other service refuses: asking again would not help. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }

    RefusedException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The body of a small answer. */
  byte[] body(String path, int maxBytes) throws RefusedException {
    return body(send(path), path, maxBytes);
  }

  private byte[] body(HttpResponse<InputStream> response, String path, int maxBytes)
      throws RefusedException {
    try (InputStream in = response.body()) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      check(response.statusCode(), path);
      if (bytes.length > maxBytes) {
        throw new RefusedException(path + " is larger than " + maxBytes + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw new UnavailableException(service + " broke off: " + e, e);
    }
  }

  /**
   * Fetches a file unless it is there already with its digest.
   *
   * @throws RefusedException also where its digest is another than announced
   */
  void file(String path, Path target, String sha256, long maxBytes) throws RefusedException {
    try {
      if (Files.exists(target) && ModelPackage.sha256(target).equals(sha256)) {
        return;
      }
      Files.createDirectories(target.getParent());
      Path part = Files.createTempFile(target.getParent(), "download", ".part");
      try {
        HttpResponse<InputStream> response = send(path);
        try (InputStream in = response.body();
            OutputStream out = Files.newOutputStream(part)) {
          check(response.statusCode(), path);
          copy(in, out, path, maxBytes);
        }
        String found = ModelPackage.sha256(part);
        if (!found.equals(sha256)) {
          throw new RefusedException(
              "of " + service + " has the digest " + found + ", announced was " + sha256);
        }
        Files.move(
            part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw new UnavailableException("cannot fetch " + path + " from " + service + ": " + e, e);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep " + target.getFileName(), e);
    }
  }

  private static void copy(InputStream in, OutputStream out, String path, long maxBytes)
      throws IOException, RefusedException {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      total += read;
      if (total > maxBytes) {
        throw new RefusedException(path + " is larger than " + maxBytes + " bytes");
      }
      out.write(buffer, 0, read);
    }
  }

  /** The body of a small answer to a question with a body of JSON. */
  byte[] ask(String path, byte[] json, int maxBytes) throws RefusedException {
    HttpRequest request =
        ServiceRequest.to(base, path, apiKey)
            .timeout(timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json))
            .build();
    return body(send(request), path, maxBytes);
  }

  private HttpResponse<InputStream> send(String path) {
    return send(ServiceRequest.to(base, path, apiKey).timeout(timeout).GET().build());
  }

  private HttpResponse<InputStream> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new UnavailableException(service + " does not answer: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while asking " + service, e);
    }
  }

  /** What says that a dataset is lost is the cause of what is thrown. */
  private void check(int status, String path) throws RefusedException {
    String message = service + " answered " + status + " for " + path;
    LostException lost = DatasetOrder.isLost(status) ? new LostException(message) : null;
    if (status >= 400 && status < 500 && status != 408 && status != 429) {
      throw new RefusedException(message, lost);
    }
    if (status != 200 && status != 202) {
      throw new UnavailableException(message, lost);
    }
  }
}
