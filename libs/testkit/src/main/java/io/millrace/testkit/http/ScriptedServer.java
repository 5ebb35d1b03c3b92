// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * A real HTTP server on the loopback interface that gives the answers that it was told, each once
 * and in order. What it was not told it refuses with 400. Thread-safe.
 */
public final class ScriptedServer implements AutoCloseable {
  private final HttpServer server;
  private final Map<String, Queue<Answer>> answers = new ConcurrentHashMap<>();

  /** What is answered. */
  public record Answer(int status, byte[] body) {
    /** An answer of text. */
    public static Answer of(int status, String body) {
      return new Answer(status, body.getBytes(StandardCharsets.UTF_8));
    }
  }

  public ScriptedServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /**
   * Tells it the answers to a question.
   *
   * @param question method and path, {@code GET /v1/x}
   */
  public void when(String question, Answer... then) {
    answers.put(question, new ConcurrentLinkedQueue<>(List.of(then)));
  }

  /** How many answers to each question nobody has asked for; without those of which none is. */
  public Map<String, Integer> left() {
    return answers.entrySet().stream()
        .filter(each -> !each.getValue().isEmpty())
        .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().size()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String question = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    exchange.getRequestBody().readAllBytes();
    Answer next = answers.getOrDefault(question, new ArrayDeque<>()).poll();
    Answer answer = next == null ? Answer.of(400, "{\"detail\": \"unforeseen\"}") : next;
    exchange.sendResponseHeaders(answer.status(), answer.body().length);
    exchange.getResponseBody().write(answer.body());
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
