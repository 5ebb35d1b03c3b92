// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.inference.Yarns;
import io.millrace.models.LoadedModel;
import io.millrace.models.engine.Device;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RouteTest {
  private static ServedVersion champion;
  private static ServedVersion canary;

  @BeforeAll
  static void load() {
    champion = version("1", 1);
    canary = version("2", 2);
  }

  @AfterAll
  static void unload() {
    champion.release();
    canary.release();
  }

  private static ServedVersion version(String name, long seed) {
    return new ServedVersion(name, LoadedModel.of(Yarns.train("yarns", seed, false), Device.CPU));
  }

  private static Route route(double share) {
    return new Route(champion, canary, share, List.of());
  }

  @Test
  void goesToCanary_noCanaryOrNoShare_never() {
    assertThat(ids().filter(new Route(champion, null, 1, List.of())::goesToCanary)).isEmpty();
    assertThat(ids().filter(route(0)::goesToCanary)).isEmpty();
  }

  @Test
  void goesToCanary_wholeShare_always() {
    assertThat(ids().filter(route(1)::goesToCanary)).hasSize(10_000);
  }

  @Test
  void goesToCanary_share_isMetByIdsThatFollowEachOther() {
    for (double share : new double[] {0.05, 0.25, 0.5}) {
      long hits = ids().filter(route(share)::goesToCanary).count();
      assertThat(hits / 10_000.0).isCloseTo(share, within(0.02));
    }
  }

  @Test
  void goesToCanary_widerShare_keepsThoseThatWentThereBefore() {
    assertThat(ids().filter(route(0.1)::goesToCanary)).allMatch(route(0.3)::goesToCanary);
  }

  @Test
  void versions_championFirst_thenCanaryThenShadows() {
    assertThat(new Route(champion, canary, 0.1, List.of()).versions())
        .containsExactly(champion, canary);
    assertThat(new Route(champion, null, 0, List.of(canary)).versions())
        .containsExactly(champion, canary);
    assertThat(Route.NONE.versions()).isEmpty();
  }

  private static java.util.stream.Stream<String> ids() {
    return IntStream.range(0, 10_000).mapToObj(i -> "order-" + i);
  }
}
