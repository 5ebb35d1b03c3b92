// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.adapter.http;

import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.featurestore.freshness.FreshnessWatch;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** How new what is served is, by view. */
@RestController
@RequestMapping("/v1/applications/{app}/freshness")
public final class FreshnessController {
  private final ApplicationRegistry registry;
  private final FreshnessWatch watch;

  public FreshnessController(ApplicationRegistry registry, FreshnessWatch watch) {
    this.registry = registry;
    this.watch = watch;
  }

  record Answer(String app, Map<String, FreshnessWatch.ViewFreshness> views) {}

  @GetMapping
  Answer of(@PathVariable String app) {
    return new Answer(app, watch.of(registry.require(app)));
  }
}
