// SPDX-License-Identifier: Apache-2.0
package io.millrace.images;

import io.millrace.chassis.MillraceProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;

/**
 * What one service makes of its container's environment: its own {@code application.yaml} and the
 * chassis' file, resolved by Spring as the service resolves them.
 */
final class ServiceConfiguration {
  private static final ClassPathResource CHASSIS = new ClassPathResource("millrace-chassis.yaml");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*):?([^}]*)}");

  private final ConfigurableEnvironment environment = new StandardEnvironment();
  private final Map<String, String> placeholders = new TreeMap<>();
  private final Set<String> overruled = new TreeSet<>();

  ServiceConfiguration(Path applicationYaml, Map<String, String> variables) throws IOException {
    MutablePropertySources sources = environment.getPropertySources();
    sources.remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
    sources.replace(
        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
        new SystemEnvironmentPropertySource(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new LinkedHashMap<String, Object>(variables)));
    sources.addLast(
        new MapPropertySource(
            "location", Map.of("spring.config.location", applicationYaml.toUri().toString())));
    ConfigDataEnvironmentPostProcessor.applyTo(environment);

    findPlaceholders(new String(CHASSIS.getContentAsByteArray(), StandardCharsets.UTF_8));
    findPlaceholders(Files.readString(applicationYaml));
    findOverruled(applicationYaml);
  }

  private void findPlaceholders(String text) {
    PLACEHOLDER
        .matcher(text)
        .results()
        .forEach(match -> placeholders.put(match.group(1), match.group(2)));
  }

  private void findOverruled(Path applicationYaml) throws IOException {
    var own = new FileSystemResource(applicationYaml);
    for (PropertySource<?> source : new YamlPropertySourceLoader().load("own", own)) {
      for (String key : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
        String value = environment.resolvePlaceholders(String.valueOf(source.getProperty(key)));
        if (!value.equals(environment.getProperty(key))) {
          overruled.add(key);
        }
      }
    }
  }

  /** Keys of the service's own file whose value is not the one in force. */
  Set<String> overruled() {
    return overruled;
  }

  /** Environment variables that the files read, each with its default. */
  Map<String, String> placeholders() {
    return placeholders;
  }

  /** The value of a property; empty where it is not set. */
  String property(String name) {
    return Objects.requireNonNullElse(environment.getProperty(name), "");
  }

  /** The service's properties, validated as at its start. */
  MillraceProperties millrace() {
    return Binder.get(environment).bind("millrace", MillraceProperties.class).get();
  }
}
