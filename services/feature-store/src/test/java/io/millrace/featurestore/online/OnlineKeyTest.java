// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.online;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.featurestore.Definitions;
import io.millrace.featurestore.view.Generation;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OnlineKeyTest {
  @Test
  void of_groupsApplicationsAndEntities_neverTheSame() {
    Set<String> keys = new HashSet<>();
    int made = 0;
    for (String app : new String[] {"shop", "shop2", "sho"}) {
      Generation generation = Generation.of(Definitions.shop(app));
      for (var group : generation.groups()) {
        byte[] prefix = OnlineKey.prefix(generation, group);
        for (String entity : new String[] {"", "a", "a:b", ":a", "1:a"}) {
          keys.add(new String(OnlineKey.of(prefix, entity), StandardCharsets.UTF_8));
          made++;
        }
      }
    }
    assertThat(keys).hasSize(made);
  }

  @Test
  void of_anEntityOfTenCharacters_fitsInTwentyEightBytes() {
    Generation generation = Generation.of(Definitions.shop("a-long-name-of-an-application"));
    byte[] prefix = OnlineKey.prefix(generation, generation.groups().getFirst());

    assertThat(OnlineKey.of(prefix, "device-123").length).isLessThanOrEqualTo(28);
    assertThat(new String(prefix, StandardCharsets.UTF_8))
        .startsWith(OnlineKey.prefix(generation.app(), generation.hash()));
  }
}
