// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.wiring;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.chassis.MillraceProperties;
import io.millrace.chassis.kafka.Publisher;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.common.streams.KafkaSettings;
import io.millrace.monitor.adapter.http.HttpReferenceProfiles;
import io.millrace.monitor.adapter.http.LoopController;
import io.millrace.monitor.adapter.http.ServiceFigures;
import io.millrace.monitor.adapter.kafka.ApplicationFeed;
import io.millrace.monitor.adapter.kafka.TopicAnnouncements;
import io.millrace.monitor.loop.ApplicationMonitor;
import io.millrace.monitor.loop.ReferenceProfiles;
import io.opentelemetry.api.OpenTelemetry;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans of the monitor. */
@Configuration(proxyBeanMethods = false)
class MonitorConfiguration {
  private static final String LIVE = "millrace.monitor.live";

  @Bean
  HttpClient httpClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(1))
        .build();
  }

  @Bean
  ReferenceProfiles referenceProfiles(HttpClient client, MillraceProperties properties) {
    return new HttpReferenceProfiles(
        client, properties.url("trainer"), properties.folder().resolve("references"));
  }

  @Bean
  Monitors monitors(
      ApplicationRegistry registry,
      Publisher publisher,
      ReferenceProfiles references,
      KafkaSettings settings,
      InstantSource clock,
      MeterRegistry metrics,
      OpenTelemetry telemetry) {
    return new Monitors(
        registry,
        applied -> {
          ApplicationMonitor monitor =
              new ApplicationMonitor(
                  applied.definition(),
                  new TopicAnnouncements(publisher, applied.app()),
                  references,
                  clock);
          // A monitor built anew replaces the one that the gauge looked at.
          metrics.find(LIVE).tag("app", applied.app()).meters().forEach(metrics::remove);
          Gauge.builder(LIVE, monitor, each -> each.isLive() ? 1 : 0)
              .description("1 once the monitor has caught up with its topics")
              .tag("app", applied.app())
              .register(metrics);
          return monitor;
        },
        (app, monitor) ->
            new ApplicationFeed(
                app, settings, monitor, telemetry.getTracer("io.millrace.monitor")));
  }

  @Bean
  LoopController loopController(
      ApplicationRegistry registry,
      Monitors monitors,
      HttpClient client,
      MillraceProperties properties,
      InstantSource clock) {
    return new LoopController(
        app -> monitors.find(registry.requireApplied(app).app()),
        monitors::names,
        new ServiceFigures(client, properties.urls(), clock));
  }
}
