// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.command;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.stack.Service;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Reads the online features of one entity, or the catalogue. */
@Command(
    name = "features",
    description = {
      "Read the features of one entity; without --key, list what there is.",
      "A personal key is given in clear; it is hashed on arrival."
    },
    mixinStandardHelpOptions = true)
public final class Features extends AppCommand {
  private static final long MIB = 1024 * 1024;

  @Option(
      names = "--view",
      paramLabel = "VIEW",
      description = "Feature view; without --key, list only its features.")
  private @Nullable String view;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "Entity key; of several fields, all of them: store=7,basket_id=12 (or their text: 7:12).")
  private @Nullable String key;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "Event time, RFC 3339 or milliseconds (default: now).")
  private @Nullable String at;

  @Option(
      names = "--search",
      paramLabel = "WORDS",
      description = "List only features with all these words: name, meaning, owner, source …")
  private @Nullable String search;

  @Option(names = "--entity", paramLabel = "ENTITY", description = "List only this entity's.")
  private @Nullable String entity;

  @Option(names = "--owner", paramLabel = "OWNER", description = "List only this owner's.")
  private @Nullable String owner;

  @Option(names = "--source", paramLabel = "EVENT", description = "List only those of this event.")
  private @Nullable String source;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  boolean run(ApiClient client, Console console) {
    if (key == null) {
      if (at != null) {
        throw new ParameterException(spec.commandLine(), "--at needs --view and --key");
      }
      list(client, console);
      return true;
    }
    if (view == null) {
      throw new ParameterException(spec.commandLine(), "--key needs --view");
    }
    if (search != null || entity != null || owner != null || source != null) {
      throw new ParameterException(
          spec.commandLine(), "--search, --entity, --owner and --source list; leave out --key");
    }
    JsonNode answer =
        client.get(
            Service.FEATURE_STORE,
            path("/features/" + encoded(view) + "/" + encoded(keyText(client, view, key)))
                + (at == null ? "" : "?at=" + encoded(at)));
    if (json()) {
      console.json(answer);
    } else {
      print(answer, console);
    }
    return true;
  }

  private static void print(JsonNode answer, Console console) {
    console.result(
        "%s of %s '%s' as of %s%s"
            .formatted(
                plain(answer.path("view")),
                plain(answer.path("entity")),
                plain(answer.path("key")),
                Instant.ofEpochMilli(answer.path("asOf").asLong()),
                answer.has("ageMs")
                    ? ", newest event " + age(answer.path("ageMs").asLong())
                    : ", no event yet"));
    answer
        .path("features")
        .properties()
        .forEach(
            feature -> {
              JsonNode value = feature.getValue();
              String status = plain(value.path("status"));
              console.result(
                  "  %-34s %s"
                      .formatted(
                          feature.getKey(),
                          status.equals("present") ? plain(value.path("value")) : status));
            });
  }

  /** Such as {@code 51h3m4s before}; after, where the reader asks of the past. */
  private static String age(long ms) {
    return Duration.ofMillis(Math.abs(ms))
            .truncatedTo(ChronoUnit.SECONDS)
            .toString()
            .substring("PT".length())
            .toLowerCase(Locale.ROOT)
        + (ms < 0 ? " after" : " before");
  }

  /** The text of the key; what is written as field=value,field=value is a key of several fields. */
  private String keyText(ApiClient client, String view, String key) {
    if (key.indexOf('=') < 0) {
      return key;
    }
    JsonNode definition = client.get(Service.INGEST, path("")).path("definition");
    JsonNode fields =
        definition
            .path("entities")
            .path(definition.path("featureViews").path(view).path("entity").asString(""))
            .path("key");
    if (!fields.isArray()) {
      return key;
    }
    List<String> names = new ArrayList<>();
    fields.forEach(field -> names.add(field.asString()));
    try {
      return KeyOption.text(names, key);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--key: " + e.getMessage(), e);
    }
  }

  private void list(ApiClient client, Console console) {
    List<String> query = new ArrayList<>();
    add(query, "q", search);
    add(query, "entity", entity);
    add(query, "owner", owner);
    add(query, "source", source);
    JsonNode answer =
        client.get(
            Service.FEATURE_STORE,
            path("/catalogue") + (query.isEmpty() ? "" : "?" + String.join("&", query)));
    List<JsonNode> features = new ArrayList<>();
    for (JsonNode feature : answer.path("features")) {
      if (view == null || view.equals(feature.path("view").asString())) {
        features.add(feature);
      }
    }
    if (json()) {
      console.json(answer);
      return;
    }
    for (JsonNode feature : features) {
      console.result(line(feature));
    }
    for (JsonNode derived : answer.path("derived")) {
      if (view == null) {
        console.result(
            "%-36s %s%s"
                .formatted(
                    plain(derived.path("name")),
                    plain(derived.path("expression")),
                    models(derived)));
      }
    }
    if (answer.path("modelsUnknown").isString()) {
      console.progress("which models read them is unknown: " + plain(answer.path("modelsUnknown")));
    }
  }

  private static void add(List<String> query, String name, @Nullable String value) {
    if (value != null) {
      query.add(name + "=" + encoded(value));
    }
  }

  private static String line(JsonNode feature) {
    JsonNode cost = feature.path("cost");
    JsonNode distribution = feature.path("distribution");
    return String.format(
        Locale.ROOT,
        "%-36s %s of %s, by %s; %s%n%38s%s%s%s%s%s",
        plain(feature.path("name")),
        plain(feature.path("type")).toLowerCase(Locale.ROOT),
        plain(feature.path("entity")),
        plain(feature.path("owner")),
        plain(feature.path("computation")),
        "",
        plain(feature.path("meaning")),
        cost.isObject()
            ? String.format(
                Locale.ROOT,
                " | view: %.0f bytes, %.1f µs a read",
                cost.path("bytesPerEntity").asDouble(),
                cost.path("readMicros").asDouble())
            : "",
        feature.path("stateBytesMax").asLong() >= MIB
            ? String.format(
                Locale.ROOT,
                " | may need %.1f MiB an entity",
                feature.path("stateBytesMax").asLong() / (double) MIB)
            : "",
        distribution.path("quantiles").isArray()
            ? String.format(
                Locale.ROOT,
                " | median %s, present %.0f %%",
                plain(distribution.path("quantiles").get(2)),
                100 * distribution.path("presentShare").asDouble())
            : "",
        models(feature));
  }

  private static String models(JsonNode feature) {
    List<String> models = new ArrayList<>();
    feature
        .path("models")
        .forEach(
            model ->
                models.add(
                    plain(model.path("version"))
                        + " "
                        + plain(model.path("status")).toLowerCase(Locale.ROOT)));
    return models.isEmpty() ? "" : " | models " + String.join(", ", models);
  }
}
