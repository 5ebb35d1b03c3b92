// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.demo;

import io.millrace.common.serde.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The monitor's {@code /loop} answer, as far as the demonstration asks it.
 *
 * @param loop the {@code loop} part
 * @param services the {@code services} part
 */
record LoopView(JsonNode loop, JsonNode services) {
  /** Before the monitor has answered. */
  static final LoopView EMPTY =
      new LoopView(Json.mapper().createObjectNode(), Json.mapper().createObjectNode());

  long count(String prefix) {
    long sum = 0;
    for (var count : loop.path("counts").properties()) {
      if (count.getKey().startsWith(prefix)) {
        sum += count.getValue().asLong();
      }
    }
    return sum;
  }

  /** Versions that have been in a stage, lowest version first. */
  List<JsonNode> everIn(String status) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode version : loop.path("versions")) {
      for (JsonNode step : version.path("transitions")) {
        if (step.path("status").asString().equals(status)) {
          found.add(version);
          break;
        }
      }
    }
    found.sort(
        java.util.Comparator.comparing((JsonNode version) -> version.path("version").asString()));
    return found;
  }

  Optional<String> champion() {
    return Optional.of(loop.path("champion")).filter(JsonNode::isString).map(JsonNode::asString);
  }

  /** Outcomes joined to a version's predictions. */
  long outcomes(String version) {
    for (JsonNode each : loop.path("performance")) {
      if (each.path("version").asString().equals(version)) {
        return each.path("outcomes").asLong();
      }
    }
    return 0;
  }

  /**
   * A drift of a kind in a window that ended at or after an event time: the first that was told, or
   * else the last look, for one that began before and lasts.
   */
  Optional<JsonNode> drift(String kind, String subject, long sinceMs) {
    return drift(kind, subject, "", sinceMs);
  }

  /**
   * The same of those that name an effect.
   *
   * @param effect how the words for it begin
   */
  Optional<JsonNode> drift(String kind, String subject, String effect, long sinceMs) {
    for (JsonNode drift : loop.path("drifts")) {
      if (isOf(drift, kind, subject, effect, sinceMs)) {
        return Optional.of(drift);
      }
    }
    for (JsonNode look : loop.path("lastLooks")) {
      if (look.path("drifted").asBoolean() && isOf(look, kind, subject, effect, sinceMs)) {
        return Optional.of(look);
      }
    }
    return Optional.empty();
  }

  private static boolean isOf(
      JsonNode drift, String kind, String subject, String effect, long sinceMs) {
    return drift.path("kind").asString().equals(kind)
        && (subject.isEmpty() || drift.path("subject").asString().equals(subject))
        && drift.path("effect").asString().startsWith(effect)
        && drift.path("windowEndMs").asLong() >= sinceMs;
  }

  /** Verdicts of a status on a kind of event whose span overlaps the given one. */
  List<JsonNode> verdicts(String status, String event, long fromMs, long toMs) {
    List<JsonNode> found = new ArrayList<>();
    for (JsonNode verdict : loop.path("verdicts")) {
      if (verdict.path("status").asString().equals(status)
          && verdict.path("event").asString().equals(event)
          && verdict.path("endMs").asLong() > fromMs
          && verdict.path("startMs").asLong() < toMs) {
        found.add(verdict);
      }
    }
    return found;
  }

  /** Every version with the reasons of all its steps. */
  List<DemoReport.Version> versions() {
    List<DemoReport.Version> versions = new ArrayList<>();
    for (JsonNode version : loop.path("versions")) {
      List<String> why = new ArrayList<>();
      for (JsonNode step : version.path("transitions")) {
        for (JsonNode reason : step.path("reasons")) {
          why.add(step.path("status").asString() + ": " + reason.asString());
        }
      }
      versions.add(
          new DemoReport.Version(
              version.path("version").asString(),
              version.path("status").asString(),
              String.join("; ", why)));
    }
    return versions;
  }
}
