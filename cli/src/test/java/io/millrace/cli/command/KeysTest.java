// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.Millrace;
import io.millrace.cli.command.RecordingServer.Done;
import io.millrace.common.security.ApiKey;
import io.millrace.common.security.ApiKeys;
import io.millrace.common.serde.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the services know of a key that the command line adds and removes. */
class KeysTest {
  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private RecordingServer server;

  @BeforeEach
  void serve() throws IOException {
    server = new RecordingServer(folder);
  }

  @AfterEach
  void end() {
    server.close();
  }

  private Path file() {
    return folder.resolve("keys/roles.json");
  }

  private ApiKeys known() {
    return new ApiKeys(new ApiKey("platform-key"), file());
  }

  @Test
  void add_key_isPrintedOnceAndHasItsRolesOnly() throws IOException {
    Done done =
        server.run(
            "keys", "add", "front", "--read", "shop/item_*,shop/user.age", "--write", "shop");

    String key = done.out().strip();
    assertThat(done.exit()).isZero();
    assertThat(key).matches("[0-9a-f]{64}");
    assertThat(Files.readString(file())).contains("front").doesNotContain(key);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    ApiKeys.Principal front = known().find(key).orElseThrow();
    assertThat(front.mayRead("shop", "item_clicks.n")).isTrue();
    assertThat(front.mayRead("shop", "user.name")).isFalse();
    assertThat(front.mayWrite("shop")).isTrue();
    assertThat(front.mayAdminister("shop")).isFalse();
    assertThat(known().reader(null)).as("reading is no longer open").isEmpty();
  }

  @Test
  void remove_key_isUnknownAndTheOthersStay() {
    String first = server.run("keys", "add", "first", "--admin", "shop").out().strip();
    String second = server.run("keys", "add", "second", "--admin", "shop").out().strip();
    assertThat(known().find(first)).isPresent();

    Done done = server.run("keys", "remove", "first");

    assertThat(done.exit()).isZero();
    assertThat(known().find(first)).isEmpty();
    assertThat(known().find(second)).isPresent();
    server.run("keys", "remove", "second");
    assertThat(known().reader(null)).as("reading does not open again by itself").isEmpty();
    assertThat(server.run("keys", "remove", "second").exit()).isEqualTo(Millrace.FAILED);
  }

  @Test
  void list_keys_namesRolesAndNoKey() {
    assertThat(server.run("keys", "list").err()).contains("needs no key");
    String key = server.run("keys", "add", "front", "--read", "shop/*").out().strip();

    Done done = server.run("keys", "list");

    assertThat(done.out().strip()).matches("front +read shop/\\*");
    assertThat(done.err()).isEmpty();
    Done json = server.run("keys", "list", "--json");
    assertThat(json.out()).doesNotContain(key);
    assertThat(Json.mapper().readTree(json.out()).path("keys").get(0).path("sha256").asString())
        .isEqualTo(ApiKeys.hash(key));
  }

  @Test
  void add_calledWrongly_isRefusedAndChangesNothing() {
    server.run("keys", "add", "front", "--write", "shop");

    assertThat(server.run("keys", "add", "front", "--write", "shop").exit())
        .isEqualTo(Millrace.USAGE);
    assertThat(server.run("keys", "add", "b").exit()).isEqualTo(Millrace.USAGE);
    assertThat(server.run("keys", "add", "b", "--read", "shop").exit()).isEqualTo(Millrace.USAGE);
    assertThat(server.run("keys", "list").out().lines()).hasSize(1);
  }

  @Test
  void list_fileThatIsNotRight_saysWhichAndWhy() throws IOException {
    Files.createDirectories(file().getParent());
    Files.writeString(file(), "{\"keys\": [{\"name\": \"a\"}]}");

    assertThat(server.run("keys", "add", "b", "--write", "shop").exit()).isEqualTo(Millrace.FAILED);
    assertThat(Files.readString(file())).doesNotContain("\"b\"");
  }
}
