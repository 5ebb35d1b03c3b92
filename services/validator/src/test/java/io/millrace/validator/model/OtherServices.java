// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.model;

import com.sun.net.httpserver.HttpServer;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.ModelVersionChanged.Transition;
import io.millrace.common.serde.Json;
import io.millrace.models.ModelPackage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** An HTTP server on the loopback interface with the files that trainer and feature store serve. */
public final class OtherServices implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, byte[]> answers = new ConcurrentHashMap<>();
  private volatile boolean down;

  public OtherServices() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(
        "/",
        exchange -> {
          byte[] body = down ? null : answers.get(exchange.getRequestURI().getPath());
          int status = down ? 503 : body == null ? 404 : 200;
          exchange.sendResponseHeaders(status, body == null ? -1 : body.length);
          if (body != null) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    server.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Whether every answer is 503. */
  public void down(boolean now) {
    down = now;
  }

  void answer(String path, byte[] body) {
    answers.put(path, body);
  }

  /** Serves a dataset as the feature store does. */
  public void dataset(String app, HeldOut.Written written) {
    String path = "/v1/applications/" + app + "/datasets/" + written.manifest().id();
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("datasetId", written.manifest().id());
    status.put("status", "READY");
    status.put("manifest", written.manifest());
    answer(
        "/v1/applications/" + app + "/datasets",
        Json.mapper().writeValueAsBytes(Map.of("datasetId", written.manifest().id())));
    answer(path, Json.mapper().writeValueAsBytes(status));
    try {
      answer(path + "/files/" + written.file().getFileName(), Files.readAllBytes(written.file()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Serves a package as the trainer does, and gives the candidate that announces it. */
  public ModelVersionChanged candidate(String app, String version, ModelPackage content) {
    byte[] bytes = content.toBytes();
    answer("/v1/applications/" + app + "/models/" + version + "/package", bytes);
    return version(app, version, Status.CANDIDATE, ModelPackage.sha256(bytes), "d1");
  }

  static ModelVersionChanged version(
      String app, String version, Status status, String digest, @Nullable String dataset) {
    return new ModelVersionChanged(
        app,
        version,
        status,
        "run-1",
        "logistic",
        dataset,
        1,
        digest,
        null,
        Map.of("train.rows", 2.0),
        List.of(new Transition(status, 1, "trainer", List.of())));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
