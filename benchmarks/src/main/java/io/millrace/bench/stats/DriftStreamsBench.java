// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.bench.Bench;
import io.millrace.bench.BenchRun;
import io.millrace.bench.Measurement.Beside;
import io.millrace.bench.stats.OutcomeStream.Answer;
import io.millrace.bench.stats.YarnitStream.Shop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Delay and false alarms of every detector on streams that are more than coin tosses: the simulated
 * shop and the electricity market. An alarm before the change is a false one where nothing changes
 * before it, so the shop is watched twice, held still and as it comes; how steady its errors are is
 * measured apart. Each stream has its own seed, so but for HDDDM, whose sketches draw random bits,
 * the figures are the same on any machine.
 */
public final class DriftStreamsBench implements Bench {
  private static final int STREAMS = 100;
  private static final int BLOCK = 2_500;
  private static final String FALSE_ALARMS = "false alarms";

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
    for (Shop shop : Shop.values()) {
      steadiness(run, shop);
    }
    known(
        run,
        "yarnit at one moment, taste shifts",
        FALSE_ALARMS,
        YarnitStream.QUIET,
        YarnitStream.CHANGED,
        seed -> YarnitStream.shiftOfTaste(Shop.AT_ONE_MOMENT, seed));
    known(
        run,
        "yarnit at one moment, price in pence",
        FALSE_ALARMS,
        YarnitStream.QUIET,
        YarnitStream.CHANGED,
        seed -> YarnitStream.priceInPence(Shop.AT_ONE_MOMENT, seed));
    // Not false: its error rate moves all the time, as the steadiness shows.
    known(
        run,
        "yarnit as it comes, taste shifts",
        "alarms",
        YarnitStream.QUIET,
        YarnitStream.CHANGED,
        seed -> YarnitStream.shiftOfTaste(Shop.AS_IT_COMES, seed));
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
        FALSE_ALARMS,
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

  /** How far the errors before the change are from independent ones of one rate. */
  private static void steadiness(BenchRun run, Shop shop) {
    run.say("  errors of yarnit " + shop.label());
    List<String> calibrated =
        Watch.names().stream()
            .filter(name -> StatedLevel.of(name).filter(StatedLevel::isOfStream).isPresent())
            .toList();
    record Measured(Steadiness errors, List<Boolean> alarmed) {}
    List<Measured> streams =
        LongStream.range(0, STREAMS)
            .parallel()
            .mapToObj(seed -> YarnitStream.shiftOfTaste(shop, seed))
            .map(
                stream ->
                    new Measured(
                        Steadiness.of(stream.quiet(), BLOCK),
                        calibrated.stream()
                            .map(name -> stream.ask(name).falseAlarms() > 0)
                            .toList()))
            .toList();
    String subject = "errors of yarnit " + shop.label();
    mean(run, subject, "least error rate of a block", "share", streams, m -> m.errors().least());
    mean(run, subject, "largest error rate of a block", "share", streams, m -> m.errors().most());
    run.overall(
        subject,
        "dispersion over blocks of %,d values".formatted(BLOCK),
        "ratio",
        streams.stream().mapToDouble(each -> each.errors().dispersion()).average().orElseThrow(),
        new Beside("independent errors of one rate", 1),
        STREAMS);
    for (int d = 0; d < calibrated.size(); d++) {
      int detector = d;
      mean(
          run,
          subject,
          "streams of %,d values with an alarm of %s"
              .formatted(YarnitStream.QUIET, calibrated.get(d)),
          "share",
          streams,
          each -> each.alarmed().get(detector) ? 1 : 0);
    }
  }

  private static <T> void mean(
      BenchRun run,
      String subject,
      String metric,
      String unit,
      List<T> of,
      ToDoubleFunction<T> value) {
    run.overall(
        subject,
        metric,
        unit,
        of.stream().mapToDouble(value).average().orElseThrow(),
        null,
        of.size());
  }

  /**
   * @param alarms what an alarm before the change is called
   */
  private static void known(
      BenchRun run,
      String stream,
      String alarms,
      int quiet,
      int within,
      LongFunction<OutcomeStream> streams) {
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
          alarms,
          quiet,
          within,
          IntStream.range(0, STREAMS).mapToObj(i -> answers[i][detector]).toArray(Answer[]::new));
    }
  }

  private static void report(
      BenchRun run, String subject, String alarms, int quiet, int within, Answer[] answers) {
    run.overall(
        subject,
        String.format(Locale.ROOT, "streams with %s in %,d values before", alarms, quiet),
        "share",
        (double) Arrays.stream(answers).filter(each -> each.falseAlarms() > 0).count() / STREAMS,
        null,
        STREAMS);
    run.overall(
        subject,
        alarms,
        "per million values",
        Arrays.stream(answers).mapToLong(Answer::falseAlarms).sum() * 1e6 / STREAMS / quiet,
        null,
        STREAMS);
    Delays.report(
        run, subject, within, Arrays.stream(answers).mapToDouble(Answer::delay).toArray());
  }
}
