// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiKeysTest {
  @TempDir Path folder;

  private ApiKeys keys(String entries) throws IOException {
    Path file = folder.resolve("keys.json");
    Files.writeString(file, "{\"keys\": [" + entries + "]}");
    return new ApiKeys(new ApiKey("platform-key"), file);
  }

  private static String entry(String name, String key, String roles) {
    return "{\"name\": \"%s\", \"sha256\": \"%s\", %s}".formatted(name, ApiKeys.hash(key), roles);
  }

  @Test
  void reader_withoutFile_isAnybodyWhoMayOnlyRead() {
    ApiKeys keys = new ApiKeys(new ApiKey("platform-key"), null);

    ApiKeys.Principal anybody = keys.reader(null).orElseThrow();

    assertThat(anybody.mayRead("shop", "view.feature")).isTrue();
    assertThat(anybody.mayWrite("shop")).isFalse();
    assertThat(anybody.mayAdminister("shop")).isFalse();
    assertThat(keys.find("another")).isEmpty();
  }

  @Test
  void find_platformKey_mayDoEverything() throws IOException {
    ApiKeys.Principal platform =
        keys(entry("a", "key-a", "\"read\": []")).find("platform-key").orElseThrow();

    assertThat(platform.mayRead("shop", "view.feature")).isTrue();
    assertThat(platform.mayAdminister("*")).isTrue();
  }

  @Test
  void find_keyOfViews_mayReadTheseAndNothingElse() throws IOException {
    ApiKeys keys =
        keys(entry("a", "key-a", "\"read\": [\"shop/item_*\", \"shop/user.age\", \"sh.p/x\"]"));

    ApiKeys.Principal a = keys.find("key-a").orElseThrow();

    assertThat(a.name()).isEqualTo("a");
    assertThat(List.of("item_clicks.n_1h", "item_.x", "user.age"))
        .allMatch(feature -> a.mayRead("shop", feature));
    assertThat(List.of("user.name", "user.age2", "items.n", "x.y"))
        .noneMatch(feature -> a.mayRead("shop", feature));
    assertThat(a.mayRead("shop2", "item_clicks.n_1h")).isFalse();
    assertThat(a.mayRead("sh.p", "x.y")).isTrue();
    assertThat(a.mayWrite("shop")).isFalse();
    assertThat(keys.find(null)).isEmpty();
    assertThat(keys.find("key-b")).isEmpty();
    assertThat(keys.find(ApiKeys.hash("key-a"))).isEmpty();
  }

  @Test
  void find_administrator_readsAndWritesItsApplicationOnly() throws IOException {
    ApiKeys.Principal admin =
        keys(entry("a", "key-a", "\"admin\": [\"shop\"]")).find("key-a").orElseThrow();

    assertThat(admin.mayRead("shop", "v.f")).isTrue();
    assertThat(admin.mayWrite("shop")).isTrue();
    assertThat(admin.mayWrite("shop2")).isFalse();
    assertThat(admin.mayAdminister("*")).isFalse();
  }

  @Test
  void new_fileThatIsNotRight_isRefusedWithTheReason() throws IOException {
    assertThatThrownBy(() -> keys("{\"name\": \"a\", \"sha256\": \"secret in clear\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sha256");
    assertThatThrownBy(() -> keys("nonsense"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("JSON");
  }

  @Test
  void reload_changedThenBrokenFile_takesTheChangeAndKeepsItWhenBroken() throws IOException {
    ApiKeys keys = keys(entry("a", "key-a", "\"write\": [\"shop\"]"));
    Path file = folder.resolve("keys.json");
    Files.writeString(file, "{\"keys\": [" + entry("b", "key-b", "\"write\": [\"shop\"]") + "]}");

    keys.look();
    assertThat(keys.find("key-a")).isEmpty();
    assertThat(keys.find("key-b")).isPresent();

    Files.writeString(file, "{\"keys\": [{}]}");
    keys.look();
    assertThat(keys.find("key-b")).isPresent();
  }

  @Test
  void reader_openFileThenAKeyMore_anybodyReadsUntilThen() throws IOException {
    Path file = folder.resolve("keys.json");
    ApiKeyFile.OPEN.write(file);
    ApiKeys keys = new ApiKeys(new ApiKey("platform-key"), file);
    assertThat(keys.reader(null)).isPresent();
    assertThat(keys.find("key-a")).isEmpty();

    ApiKeyFile.read(file)
        .with(
            new ApiKeyFile.Entry(
                "a", ApiKeys.hash("key-a"), List.of("shop/*"), List.of(), List.of()))
        .write(file);
    keys.look();

    assertThat(keys.reader(null)).isEmpty();
    assertThat(keys.reader("key-a")).map(ApiKeys.Principal::name).hasValue("a");
    assertThat(ApiKeyFile.read(file).without("a").keys()).isEmpty();
  }
}
