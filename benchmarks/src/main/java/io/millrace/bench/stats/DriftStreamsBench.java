// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.stats.OutcomeStream.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Delay and false alarms of every detector on streams that are more than coin tosses: the simulated
 * shop, whose truth is known, and the electricity market. Each stream has its own seed, so but for
 * HDDDM, whose sketches draw random bits, the figures are the same on any machine.
 */
public final class DriftStreamsBench implements Bench {
  private static final int STREAMS = 100;

  @Override
  public String name() {
    return "drift-streams";
  }

  @Override
  public String description() {
    return "delay and false alarms of every detector on the yarnit simulation and the electricity"
        + " market, 100 streams each";
  }

  @Override
  public void run(BenchRun run) {
    known(
        run,
        "yarnit, taste shifts",
        YarnitStream.QUIET,
        YarnitStream.CHANGED,
        YarnitStream::shiftOfTaste);
    known(
        run,
        "yarnit, price in pence",
        YarnitStream.QUIET,
        YarnitStream.CHANGED,
        YarnitStream::priceInPence);
    Optional<Path> electricity =
        run.retail().map(file -> file.resolveSibling("electricity.csv")).filter(Files::exists);
    if (electricity.isEmpty()) {
      run.say("  no electricity.csv beside the retail file: its streams are left out");
      return;
    }
    ElectricityStream market = new ElectricityStream(electricity.get());
    known(
        run,
        "electricity shuffled, states exchanged",
        ElectricityStream.QUIET,
        market.changed(),
        market::exchanged);
    OutcomeStream inTime = market.inTime();
    for (String detector : Watch.names()) {
      run.result(
          detector + ", electricity in time, truth unknown",
          "alarms",
          "per million values",
          inTime.ask(detector).falseAlarms() * 1e6 / inTime.quiet().size());
    }
  }

  private static void known(
      BenchRun run, String stream, int quiet, int within, LongFunction<OutcomeStream> streams) {
    run.say("  " + stream);
    // One stream at a time for all detectors: it is the stream that takes the memory.
    Answer[][] answers =
        LongStream.range(0, STREAMS)
            .parallel()
            .mapToObj(streams)
            .map(each -> Watch.names().stream().map(each::ask).toArray(Answer[]::new))
            .toArray(Answer[][]::new);
    for (int d = 0; d < Watch.names().size(); d++) {
      int detector = d;
      report(
          run,
          Watch.names().get(d) + ", " + stream,
          quiet,
          within,
          IntStream.range(0, STREAMS).mapToObj(i -> answers[i][detector]).toArray(Answer[]::new));
    }
  }

  private static void report(
      BenchRun run, String subject, int quiet, int within, Answer[] answers) {
    run.overall(
        subject,
        String.format(Locale.ROOT, "false alarms in %,d quiet values", quiet),
        "share",
        (double) Arrays.stream(answers).filter(each -> each.falseAlarms() > 0).count() / STREAMS,
        null,
        STREAMS);
    run.overall(
        subject,
        "false alarms",
        "per million values",
        Arrays.stream(answers).mapToLong(Answer::falseAlarms).sum() * 1e6 / STREAMS / quiet,
        null,
        STREAMS);
    Delays.report(
        run, subject, within, Arrays.stream(answers).mapToDouble(Answer::delay).toArray());
  }
}
