// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.demo;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.api.ApiException;
import io.millrace.cli.demo.DemoReport.Change;
import io.millrace.cli.demo.Milestones.Milestone;
import io.millrace.cli.demo.PredictionFollower.Judged;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.Stack;
import io.millrace.example.yarnit.Books;
import io.millrace.example.yarnit.Simulation;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Leads the yarn shop through its days: a first model, a shift of taste, a unit bug, and back. The
 * changes are made when the platform has had time to settle, so that a slow machine takes longer
 * but is not judged by another measure; each milestone has a deadline.
 */
final class Demo {
  private static final Logger LOG = Logger.getLogger(Demo.class.getName());
  private static final String APP = "yarnit";
  private static final long START_MS = Instant.parse("2026-03-02T06:00:00Z").toEpochMilli();
  private static final double SPEED = 720;
  private static final double IMPRESSIONS_PER_SECOND = 220;
  private static final long SEED = 20_260_302;
  private static final long SETTLE_ROWS = 2_600;

  /** How many times longer than on two quiet cores a milestone may take. */
  private static final int PATIENCE = 3;

  private static final Duration LOOK_EVERY = Duration.ofMillis(700);

  /** A gap to the best reachable AUC that is this much wider than before is not "recovered". */
  private static final double RECOVERED_WITHIN = 0.03;

  private final Console console;
  private final ApiClient client;
  private final Path definition;
  private final Milestones milestones;
  private final Simulation simulation;
  private final PredictionFollower follower;
  private int timelinePrinted;
  private LoopView view = LoopView.EMPTY;
  private @Nullable JsonNode books;
  private long shiftMs = Long.MAX_VALUE;
  private long bugMs = Long.MAX_VALUE;
  private long mendedMs = Long.MAX_VALUE;
  private @Nullable JsonNode concept;
  private @Nullable JsonNode unit;
  private String first = "";
  private String second = "";

  Demo(Console console, Stack stack, ApiClient client, Path definition, Milestones milestones) {
    this.console = console;
    this.client = client;
    this.definition = definition;
    this.milestones = milestones;
    this.simulation =
        new Simulation(
            new Simulation.Settings(
                client.url(Service.INGEST),
                stack.environment().getOrDefault("MILLRACE_KAFKA", "127.0.0.1:9092"),
                stack.apiKey(),
                APP,
                SEED,
                START_MS,
                SPEED,
                IMPRESSIONS_PER_SECOND));
    this.follower = new PredictionFollower(client, APP, simulation.truth());
  }

  /**
   * Runs to the last milestone.
   *
   * @throws DemoFailure naming the milestone that was missed
   */
  void run() {
    apply();
    simulation.start();
    follower.start();
    try {
      firstModel();
      tasteShifts();
      unitBug();
      balance();
    } finally {
      simulation.close();
      follower.close();
    }
  }

  private void apply() {
    try {
      HttpRequest request =
          client
              .request(Service.INGEST, "/v1/applications/" + APP, Duration.ofSeconds(60))
              .header("Content-Type", "application/yaml")
              .PUT(HttpRequest.BodyPublishers.ofByteArray(Files.readAllBytes(definition)))
              .build();
      client.json(Service.INGEST, request);
    } catch (IOException e) {
      throw new DemoFailure(Milestone.APPLIED, "cannot read " + definition + ": " + e.getMessage());
    } catch (ApiException e) {
      throw new DemoFailure(Milestone.APPLIED, String.valueOf(e.getMessage()));
    }
    reach(Milestone.APPLIED, "application " + APP);
  }

  private void firstModel() {
    await(
        Milestone.EVENTS_ACCEPTED,
        60,
        () -> books != null && books.path("accepted").asLong() > 500,
        () -> "%,d accepted".formatted(book("accepted")));
    await(
        Milestone.FEATURES_ONLINE, 60, this::anItemHasFeatures, () -> "item features are present");
    await(
        Milestone.LABELS_JOINED,
        90,
        () -> view.count("labels.OBSERVED") > 0 && view.count("labels.IMPLICIT_NEGATIVE") > 0,
        () ->
            "%,d clicked, %,d implicit negatives"
                .formatted(view.count("labels.OBSERVED"), view.count("labels.IMPLICIT_NEGATIVE")));
    await(
        Milestone.DATA_VERDICT_GOOD,
        90,
        () -> !view.verdicts("GOOD", "impression", START_MS, Long.MAX_VALUE).isEmpty(),
        () -> view.verdicts("GOOD", "impression", START_MS, Long.MAX_VALUE).size() + " good spans");
    await(
        Milestone.MODEL_TRAINED,
        180,
        () -> !view.everIn("CANDIDATE").isEmpty(),
        () -> lastReasons("CANDIDATE"));
    await(
        Milestone.MODEL_BLESSED,
        90,
        () -> !view.everIn("BLESSED").isEmpty(),
        () -> lastReasons("BLESSED"));
    await(Milestone.CHAMPION, 30, () -> view.champion().isPresent(), () -> "version " + champion());
    first = champion();
    await(
        Milestone.PREDICTIONS_PUSHED,
        60,
        () -> follower.size() > 200,
        () -> "%,d predictions".formatted(follower.size()));
    await(
        Milestone.OUTCOMES_JOINED,
        120,
        () -> view.outcomes(first) >= SETTLE_ROWS,
        () -> "%,d outcomes of version %s".formatted(view.outcomes(first), first));
  }

  private void tasteShifts() {
    shiftMs = simulation.shiftTaste();
    say("the world changes: taste shifts at " + moment(shiftMs));
    await(
        Milestone.CONCEPT_DRIFT_DETECTED,
        120,
        () -> {
          concept = view.drift("CONCEPT", "", shiftMs).orElse(null);
          return concept != null;
        },
        () ->
            "outcome, "
                + text(concept, "effect")
                + ", dated "
                + moment(number(concept, "windowStartMs")));
    await(
        Milestone.RETRAINING_REQUESTED,
        120,
        () -> view.loop().path("timeline").toString().contains(APP + "-drift-"),
        () -> "rows since the drift");
    await(
        Milestone.RETRAINED_PROMOTED,
        180,
        () -> view.champion().filter(version -> !version.equals(first)).isPresent(),
        () -> "version " + champion() + ": " + lastReasons("CHAMPION"));
    await(
        Milestone.QUALITY_RECOVERED,
        120,
        () -> {
          // Another one may take over, from more rows of the new taste.
          second = champion();
          return view.outcomes(second) >= SETTLE_ROWS && recovered(afterShift());
        },
        () -> "version " + second + ", AUC " + figures(afterShift()));
  }

  private void unitBug() {
    bugMs = simulation.setPriceInPence(true);
    say("the world changes: prices are sent in pence from " + moment(bugMs));
    await(
        Milestone.UNIT_BUG_DETECTED,
        120,
        () -> {
          // The window in which it begins may hold too few prices in pence to name the unit: then
          // it is told as a change of the input first, and by its name with the next window.
          Optional<JsonNode> named = view.drift("DATA", "event.price", "×100,", bugMs);
          unit = named.or(() -> view.drift("DATA", "event.price", bugMs)).orElse(null);
          return named.isPresent();
        },
        () -> "event.price, " + text(unit, "effect"));
    await(
        Milestone.BAD_SPAN_REFUSED,
        120,
        () -> !view.verdicts("BAD", "impression", bugMs, Long.MAX_VALUE).isEmpty(),
        this::badVerdict);
    String runId = requestTraining(bugMs);
    await(
        Milestone.BAD_UNIT_NOT_LEARNED,
        150,
        () -> notLearned(runId),
        () ->
            "run "
                + runId
                + " on rows since the bug was refused; the champion is still "
                + champion());
    mendedMs = simulation.setPriceInPence(false);
    say("the producer mends the bug at " + moment(mendedMs));
    await(
        Milestone.RECOVERED_AFTER_BUG,
        150,
        () -> rows(afterBug()) >= SETTLE_ROWS && recovered(afterBug()),
        () -> "AUC " + figures(afterBug()));
  }

  private void balance() {
    simulation.close();
    Books sent = simulation.books();
    await(
        Milestone.BOOKS_BALANCE,
        60,
        () ->
            books != null
                && book("in") == sent.in()
                && book("accepted") == sent.accepted()
                && book("rejected") == sent.rejected()
                && book("duplicates") == sent.duplicates(),
        () ->
            "in %,d = accepted %,d + rejected %,d + duplicates %,d"
                .formatted(sent.in(), sent.accepted(), sent.rejected(), sent.duplicates()));
  }

  private boolean anItemHasFeatures() {
    JsonNode answer =
        client.post(
            Service.FEATURE_STORE,
            "/v1/applications/" + APP + "/features:online",
            Map.of(
                "features", List.of("item_shown.shown_6h"),
                "entities", List.of(Map.of("item", "item-119")),
                "at", simulation.nowMs()));
    return answer.path("rows").path(0).path("status").path(0).asString("").equals("present");
  }

  private String requestTraining(long fromMs) {
    return client
        .post(
            Service.TRAINER,
            "/v1/applications/" + APP + "/training",
            Map.of("reason", "demonstration: rows since the unit bug", "fromMs", fromMs))
        .path("runId")
        .asString();
  }

  /** Refused, and no version that was made since the bug serves. */
  private boolean notLearned(String runId) {
    boolean refused = false;
    for (JsonNode version : view.loop().path("versions")) {
      if (version.path("runId").asString().equals(runId)) {
        refused = version.path("status").asString().equals("REFUSED");
      }
    }
    return refused && view.champion().filter(second::equals).isPresent();
  }

  private String badVerdict() {
    List<JsonNode> bad = view.verdicts("BAD", "impression", bugMs, Long.MAX_VALUE);
    List<String> messages = new ArrayList<>();
    bad.getFirst()
        .path("anomalies")
        .forEach(
            anomaly -> {
              if (anomaly.path("severity").asString().equals("ERROR")) {
                messages.add(anomaly.path("message").asString());
              }
            });
    return "span " + bad.getFirst().path("span").asString() + ": " + String.join("; ", messages);
  }

  private Optional<Judged> before() {
    return judge(told -> told.version().equals(first) && told.momentMs() < shiftMs);
  }

  private Optional<Judged> during() {
    return judge(
        told ->
            told.version().equals(first) && told.momentMs() >= shiftMs && told.momentMs() < bugMs);
  }

  private Optional<Judged> afterShift() {
    return judge(told -> told.version().equals(second) && told.momentMs() < bugMs);
  }

  private Optional<Judged> duringBug() {
    return judge(told -> told.momentMs() >= bugMs && told.momentMs() < mendedMs);
  }

  private Optional<Judged> afterBug() {
    return judge(told -> told.momentMs() >= mendedMs);
  }

  private Optional<Judged> judge(Predicate<PredictionFollower.Told> chosen) {
    return follower.judge(chosen);
  }

  /** As near to the best reachable as before the change, allowing for chance. */
  private boolean recovered(Optional<Judged> now) {
    Optional<Judged> then = before();
    if (now.isEmpty() || then.isEmpty()) {
      return false;
    }
    double gapNow = now.get().bestReachable() - now.get().auc();
    double gapThen = then.get().bestReachable() - then.get().auc();
    double chance = 2 * Math.hypot(now.get().standardError(), then.get().standardError());
    return gapNow <= gapThen + Math.max(RECOVERED_WITHIN, chance);
  }

  private static long rows(Optional<Judged> judged) {
    return judged.map(Judged::rows).orElse(0L);
  }

  private static String figures(Optional<Judged> judged) {
    return judged
        .map(
            each ->
                String.format(
                    Locale.ROOT,
                    "%.3f [%.3f, %.3f] on %,d rows, best reachable %.3f",
                    each.auc(),
                    each.low(),
                    each.high(),
                    each.rows(),
                    each.bestReachable()))
        .orElse("–");
  }

  private void await(
      Milestone milestone,
      int seconds,
      BooleanSupplier reached,
      java.util.function.Supplier<String> figures) {
    long limit = (long) PATIENCE * seconds;
    long deadline = System.nanoTime() + Duration.ofSeconds(limit).toNanos();
    String lastReason = "";
    while (System.nanoTime() < deadline) {
      look();
      if (simulation.failure() != null) {
        throw new DemoFailure(milestone, "the shop cannot send: " + simulation.failure());
      }
      try {
        if (reached.getAsBoolean()) {
          reach(milestone, figures.get());
          return;
        }
      } catch (ApiException e) {
        String reason = String.valueOf(e.getMessage());
        if (!reason.equals(lastReason)) {
          console.progress("          not yet: " + reason);
        }
        lastReason = reason;
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    throw new DemoFailure(
        milestone,
        "not within " + limit + " s" + (lastReason.isEmpty() ? "" : "; at last: " + lastReason));
  }

  private void reach(Milestone milestone, String figures) {
    milestones.reach(milestone);
    say("✓ " + milestone.meaning() + (figures.isEmpty() ? "" : " — " + figures));
  }

  private void say(String line) {
    console.progress(String.format(Locale.ROOT, "%7.1f s  %s", milestones.elapsedS(), line));
  }

  /** Asks the platform, and prints what is new on its timeline. */
  private void look() {
    try {
      books = client.get(Service.INGEST, "/v1/applications/" + APP + "/books");
      JsonNode answer = client.get(Service.MONITOR, "/v1/applications/" + APP + "/loop");
      view = new LoopView(answer.path("loop"), answer.path("services"));
      JsonNode timeline = answer.path("loop").path("timeline");
      for (; timelinePrinted < timeline.size(); timelinePrinted++) {
        JsonNode entry = timeline.get(timelinePrinted);
        say("    " + entry.path("kind").asString() + ": " + entry.path("text").asString());
      }
    } catch (ApiException e) {
      // The monitor learns of the application a moment after ingest; the deadlines judge the rest.
      LOG.fine(() -> String.valueOf(e.getMessage()));
    }
  }

  private String champion() {
    return view.champion().orElse("none");
  }

  private String lastReasons(String status) {
    List<JsonNode> versions = view.everIn(status);
    if (versions.isEmpty()) {
      return "";
    }
    JsonNode version = versions.getLast();
    for (JsonNode step : version.path("transitions")) {
      if (step.path("status").asString().equals(status)) {
        List<String> reasons = new ArrayList<>();
        step.path("reasons").forEach(reason -> reasons.add(reason.asString()));
        return "version " + version.path("version").asString() + ": " + String.join("; ", reasons);
      }
    }
    return "";
  }

  private long book(String name) {
    return books == null ? 0 : books.path(name).asLong();
  }

  private static String text(@Nullable JsonNode node, String name) {
    return node == null ? "" : node.path(name).asString("");
  }

  private static long number(@Nullable JsonNode node, String name) {
    return node == null ? 0 : node.path(name).asLong();
  }

  private static String moment(long ms) {
    return Instant.ofEpochMilli(ms).toString();
  }

  /** Everything measured up to now. */
  DemoReport report(@Nullable Milestone failed, Map<String, String> urls) {
    Map<String, Judged> detail = new LinkedHashMap<>();
    before().ifPresent(each -> detail.put("before", each));
    during().ifPresent(each -> detail.put("during", each));
    afterShift().ifPresent(each -> detail.put("after", each));
    duringBug().ifPresent(each -> detail.put("during_bug", each));
    afterBug().ifPresent(each -> detail.put("after_bug", each));
    Double best =
        judge(
                told ->
                    told.momentMs() < bugMs
                        && (told.version().equals(second) || told.momentMs() < shiftMs))
            .map(Judged::bestReachable)
            .orElse(null);
    return new DemoReport(
        milestones.view(),
        failed == null ? null : failed.id(),
        books,
        simulation.books(),
        new DemoReport.Quality(
            auc(detail.get("before")),
            auc(detail.get("during")),
            auc(detail.get("after")),
            best,
            auc(detail.get("during_bug")),
            auc(detail.get("after_bug")),
            detail),
        change(shiftMs, concept),
        change(bugMs, unit),
        view.versions(),
        new DemoReport.Latency(finite(follower.latencyMs(0.5)), finite(follower.latencyMs(0.99))),
        follower.size(),
        follower.repetitions(),
        view.services().path("feature-store").path("written").asLong(),
        milestones.elapsedS(),
        urls);
  }

  private @Nullable Change change(long injectedMs, @Nullable JsonNode drift) {
    if (injectedMs == Long.MAX_VALUE) {
      return null;
    }
    if (drift == null) {
      return new Change(moment(injectedMs), null, null, null, null, null, null);
    }
    long detectedMs = drift.path("windowEndMs").asLong();
    return new Change(
        moment(injectedMs),
        moment(detectedMs),
        drift.path("kind").asString(),
        drift.path("subject").asString(),
        drift.path("effect").asString(),
        simulation.truth().shownBetween(injectedMs, detectedMs),
        (detectedMs - injectedMs) / 60_000.0);
  }

  private static @Nullable Double auc(@Nullable Judged judged) {
    return judged == null ? null : judged.auc();
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
