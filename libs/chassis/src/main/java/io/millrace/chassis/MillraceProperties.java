// SPDX-License-Identifier: Apache-2.0
package io.millrace.chassis;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What every service is told from outside; {@code millrace-chassis.yaml} names the environment
 * variable and the default of each.
 *
 * @param service name of this service, for example {@code feature-store}
 * @param kafka bootstrap servers
 * @param sessionTimeout how long this service may be silent before others of its consumer groups
 *     take over its share, see {@link io.millrace.common.streams.KafkaSettings}
 * @param redis {@code redis://host:port}
 * @param cassandra {@code host:port} of a contact point
 * @param cassandraDatacenter local data centre of the driver
 * @param apiKey key that writing requests must carry
 * @param apiKeys file of further keys with roles; blank for none
 * @param pseudonymKey key of the hash of personal values, at least 16 bytes
 * @param data folder for this service's own files
 * @param urls base URL of every service by name
 * @param otlpEndpoint OTLP/HTTP base address; blank means that spans are not exported
 */
@ConfigurationProperties("millrace")
public record MillraceProperties(
    String service,
    String kafka,
    Duration sessionTimeout,
    String redis,
    String cassandra,
    String cassandraDatacenter,
    String apiKey,
    @Nullable String apiKeys,
    String pseudonymKey,
    Path data,
    Map<String, URI> urls,
    @Nullable String otlpEndpoint) {

  public MillraceProperties {
    urls = Map.copyOf(urls);
    require(service, "millrace.service");
    require(kafka, "MILLRACE_KAFKA");
    require(apiKey, "MILLRACE_API_KEY");
    require(pseudonymKey, "MILLRACE_PSEUDONYM_KEY");
  }

  /** Base URL of another service. */
  public URI url(String serviceName) {
    URI url = urls.get(serviceName);
    if (url == null) {
      throw new IllegalArgumentException("no URL of service '" + serviceName + "'");
    }
    return url;
  }

  /** This service's own folder. */
  public Path folder() {
    return data.resolve(service);
  }

  private static void require(@Nullable String value, String name) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " is not set");
    }
  }
}
