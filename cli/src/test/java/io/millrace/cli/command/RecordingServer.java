// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.cli.Millrace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real HTTP server in the place of every service, and the command line that talks to it. */
final class RecordingServer implements AutoCloseable {
  /** What was asked: method, path with query, and body. */
  record Asked(String method, String path, String body) {}

  /** What a command did. */
  record Done(int exit, String out, String err) {}

  /** Makes an answer of what was asked. */
  @FunctionalInterface
  interface Answering {
    String answer(Asked asked);
  }

  final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final Map<String, Answering> answers = new ConcurrentHashMap<>();
  private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
  private final HttpServer server;
  private final Path folder;

  RecordingServer(Path folder) throws IOException {
    this.folder = folder;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.start();
    Path run = Files.createDirectories(folder.resolve("run"));
    for (String service : List.of("ingest", "feature-store", "validator", "monitor")) {
      Files.writeString(
          run.resolve(service + ".port"), Integer.toString(server.getAddress().getPort()));
    }
  }

  /** What is answered where method and path begin so. */
  RecordingServer answering(String start, int status, Answering answering) {
    answers.put(start, answering);
    statuses.put(start, status);
    return this;
  }

  private void handle(HttpExchange exchange) throws IOException {
    Asked each =
        new Asked(
            exchange.getRequestMethod(),
            exchange.getRequestURI().toString(),
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    asked.add(each);
    String line = each.method() + " " + each.path();
    String start =
        answers.keySet().stream()
            .filter(line::startsWith)
            .max(java.util.Comparator.comparingInt(String::length))
            .orElse("");
    Answering answering = answers.get(start);
    byte[] body =
        (answering == null ? "{}" : answering.answer(each)).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(statuses.getOrDefault(start, 404), body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Runs a command against this server. */
  Done run(String... arguments) {
    PrintStream outBefore = System.out;
    PrintStream errBefore = System.err;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--folder";
    all[arguments.length + 1] = folder.toString();
    int exit;
    try {
      System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
      exit = Millrace.commandLine().execute(all);
    } finally {
      System.setOut(outBefore);
      System.setErr(errBefore);
    }
    return new Done(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
