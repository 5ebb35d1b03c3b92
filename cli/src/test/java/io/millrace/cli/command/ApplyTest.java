// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.Millrace;
import io.millrace.cli.command.RecordingServer.Done;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sent of an application file, and what is never sent. */
class ApplyTest {
  private static final String SHOP =
      """
      apiVersion: millrace/v1
      kind: Application
      metadata: {name: shop, owner: us}
      events: {view: {time: {field: at}, schema: {infer: true}}}
      """;

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private RecordingServer server;

  @BeforeEach
  void serve() throws IOException {
    server =
        new RecordingServer(folder.resolve("stack"))
            .answering(
                "PUT /v1/applications/shop", 200, asked -> "{\"version\": 3, \"changed\": true}");
  }

  @AfterEach
  void end() {
    server.close();
  }

  @Test
  void call_fileOrItsFolder_isSentAsItIs() throws IOException {
    Path file = folder.resolve("application.yaml");
    Files.writeString(file, SHOP);

    Done ofFile = server.run("apply", file.toString());
    Done ofFolder = server.run("apply", folder.toString(), "--new-version", "--json");

    assertThat(ofFile.exit()).as(ofFile.err()).isEqualTo(Millrace.OK);
    assertThat(ofFile.out()).isEqualTo("shop: version 3 is in force\n");
    assertThat(ofFolder.out()).isEqualTo("{\"version\":3,\"changed\":true}\n");
    assertThat(server.asked)
        .containsExactly(
            new RecordingServer.Asked("PUT", "/v1/applications/shop?newVersion=false", SHOP),
            new RecordingServer.Asked("PUT", "/v1/applications/shop?newVersion=true", SHOP));
  }

  @Test
  void call_sameAsInForce_saysSo() throws IOException {
    server.answering(
        "PUT /v1/applications/shop", 200, asked -> "{\"version\": 3, \"changed\": false}");
    Path file = folder.resolve("shop.yaml");
    Files.writeString(file, SHOP);

    assertThat(server.run("apply", file.toString()).out())
        .isEqualTo("shop: version 3 was in force already\n");
  }

  @Test
  void call_fileWithProblems_listsAllAndSendsNothing() throws IOException {
    Path file = folder.resolve("shop.yaml");
    Files.writeString(
        file, SHOP.replace("owner: us", "documented: true") + "entities: {}\nlabel: {name: x}\n");

    Done done = server.run("apply", file.toString());

    assertThat(done.exit()).isEqualTo(Millrace.FAILED);
    assertThat(done.err()).contains("problem(s):").contains("label");
    assertThat(server.asked).isEmpty();
  }

  @Test
  void call_nothingThere_exitsWith2() {
    Done done = server.run("apply", folder.resolve("none").toString());
    assertThat(done.exit()).isEqualTo(Millrace.USAGE);
    assertThat(done.err()).contains("There is no application file");
    assertThat(server.run("apply").exit()).isEqualTo(Millrace.USAGE);
  }

  @Test
  void call_refusedByTheServer_saysWhy() throws IOException {
    server.answering(
        "PUT /v1/applications/shop",
        409,
        asked ->
            "{\"title\": \"Breaking change\", \"detail\": \"ask for a new version\","
                + " \"violations\": []}");
    Path file = folder.resolve("shop.yaml");
    Files.writeString(file, SHOP);

    Done done = server.run("apply", file.toString());

    assertThat(done.exit()).isEqualTo(Millrace.FAILED);
    assertThat(done.err()).contains("Breaking change").contains("ask for a new version");
  }
}
