// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.demo;

import io.millrace.cli.Console;
import io.millrace.cli.api.ApiClient;
import io.millrace.cli.demo.Milestones.Milestone;
import io.millrace.cli.stack.Service;
import io.millrace.cli.stack.Stack;
import io.millrace.cli.stack.StackFolder;
import io.millrace.cli.stack.StackOptions;
import io.millrace.local.LocalException;
import io.millrace.local.MillraceHome;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The demonstration with its own stack: from an empty folder up, through, and down again. */
public final class Demonstration {
  private final Console console;
  private final MillraceHome home;
  private final Path folder;
  private final int portBase;
  private final boolean keep;
  private final boolean json;

  /**
   * @param folder data of its stack; emptied first, and at the end unless the stack is kept
   * @param portBase port of the first service, 0 for free ones
   */
  public Demonstration(
      Console console, MillraceHome home, Path folder, int portBase, boolean keep, boolean json) {
    this.console = console;
    this.home = home;
    this.folder = folder;
    this.portBase = portBase;
    this.keep = keep;
    this.json = json;
  }

  /** Whether every milestone was reached. */
  public boolean run() {
    StackFolder stackFolder = new StackFolder(folder);
    Stack stack = new Stack(StackOptions.usual(home, stackFolder).withPortBase(portBase));
    Milestones milestones = new Milestones(System.nanoTime());
    AtomicBoolean ended = new AtomicBoolean();
    Thread onInterrupt =
        new Thread(
            () -> {
              if (!ended.get()) {
                console.progress("stopping what was started");
                clear(stack);
              }
            });
    Runtime.getRuntime().addShutdownHook(onInterrupt);
    try {
      clear(stack);
      stack.start(line -> say(milestones, line));
      milestones.reach(Milestone.STACK_UP);
      say(milestones, "✓ " + Milestone.STACK_UP.meaning());
      return lead(stack, stackFolder, milestones);
    } catch (LocalException e) {
      say(milestones, "✗ " + Milestone.STACK_UP.meaning() + ": " + e.getMessage());
      return false;
    } finally {
      if (keep && milestones.isReached(Milestone.STACK_UP)) {
        stack.detach();
        console.progress(
            "the stack stays up; `./millrace down --purge --folder " + folder + "` ends it");
      } else {
        clear(stack);
      }
      ended.set(true);
    }
  }

  private boolean lead(Stack stack, StackFolder stackFolder, Milestones milestones) {
    try (ApiClient client = new ApiClient(stackFolder)) {
      Map<String, String> urls = new LinkedHashMap<>();
      for (Service service : Service.values()) {
        urls.put(service.id(), client.url(service).toString());
      }
      urls.forEach((name, url) -> say(milestones, "    " + name + "  " + url));
      Path definition = home.root().resolve("examples/yarnit/application.yaml");
      Demo demo = new Demo(console, stack, client, definition, milestones);
      Milestone failed = null;
      try {
        demo.run();
      } catch (DemoFailure e) {
        failed = e.milestone();
        say(milestones, "✗ " + failed.meaning() + ": " + e.getMessage());
        console.progress(
            "          look at: "
                + failed.whereToLook()
                + " (--folder "
                + folder
                + ", with --keep)");
      }
      DemoReport report = demo.report(failed, urls);
      summarise(report);
      if (json) {
        console.json(report);
      }
      return failed == null && milestones.firstMissing().isEmpty();
    }
  }

  private void summarise(DemoReport report) {
    DemoReport.Quality auc = report.auc();
    console.progress("");
    console.progress("events            " + report.books());
    console.progress("features written  " + report.features_written());
    console.progress(
        "AUC               before %s, during %s, after %s, best reachable %s; unit bug %s, then %s"
            .formatted(
                three(auc.before()),
                three(auc.during()),
                three(auc.after()),
                three(auc.best_reachable()),
                three(auc.during_bug()),
                three(auc.after_bug())));
    delay("taste shift", report.drift());
    delay("unit bug", report.unit_bug());
    console.progress(
        "event to answer   p50 %s ms, p99 %s ms over %,d predictions, %d repeated"
            .formatted(
                three(report.latency_ms().p50()),
                three(report.latency_ms().p99()),
                report.predictions(),
                report.predictions_repeated()));
    report
        .versions()
        .forEach(
            version ->
                console.progress(
                    "version %-10s %-9s %s"
                        .formatted(version.version(), version.status(), version.why())));
    console.progress(
        report.failed() == null
            ? "every milestone was reached in " + report.duration_s() + " s"
            : "not reached: " + report.failed());
  }

  private void delay(String what, DemoReport.@Nullable Change change) {
    if (change != null && change.detected_at() != null) {
      console.progress(
          "%-17s at %s, detected on %s (%s) after %,d events and %.0f min of event time"
              .formatted(
                  what,
                  change.injected_at(),
                  change.feature(),
                  change.effect(),
                  change.delay_events(),
                  change.delay_minutes()));
    }
  }

  private void clear(Stack stack) {
    try {
      stack.purge(console::progress);
    } catch (LocalException e) {
      console.progress(String.valueOf(e.getMessage()));
    }
  }

  private static void sayTo(Console console, double seconds, String line) {
    console.progress(String.format(Locale.ROOT, "%7.1f s  %s", seconds, line));
  }

  private void say(Milestones milestones, String line) {
    sayTo(console, milestones.elapsedS(), line);
  }

  private static String three(@Nullable Double value) {
    return value == null ? "–" : String.format(Locale.ROOT, "%.3f", value);
  }
}
