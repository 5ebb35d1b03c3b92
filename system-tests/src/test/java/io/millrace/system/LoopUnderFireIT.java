// SPDX-License-Identifier: Apache-2.0
package io.millrace.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.stack.Service;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.topic.Topics;
import io.millrace.system.Kiosk.Message;
import io.millrace.testkit.backend.Backends;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The promise that any service can be killed at any moment and started again: every one of the six
 * is, with SIGKILL, while events come in over HTTP and Kafka, repeated, out of order and malformed;
 * then everything that came of them is compared with an oracle that knows only what was sent.
 */
@ExtendWith(StackExtension.class)
class LoopUnderFireIT {
  private static final long SEED = 20_261_121;
  private static final int VIEWS_BEFORE_THE_MODEL = 2_000;
  private static final int VIEWS_SERVED = 5_000;
  private static final int BATCH = 25;
  private static final Duration PACE = Duration.ofMillis(80);

  /** Event times, each more than every lateness and window after the one before. */
  private static final long FIRST_HOUR = Kiosk.OPENS_MS;

  private static final long FIRST_CLOSING = FIRST_HOUR + 5 * Kiosk.HOUR_MS;
  private static final long SERVED_HOUR = FIRST_HOUR + 9 * Kiosk.HOUR_MS;
  private static final long SECOND_CLOSING = SERVED_HOUR + 4 * Kiosk.HOUR_MS;
  private static final long LAST_CLOSING = SERVED_HOUR + 8 * Kiosk.HOUR_MS;

  /** Minimum labels for the first model: nearly all that come before it. */
  private static final int LABELS = VIEWS_BEFORE_THE_MODEL - 100;

  private final String app = Backends.uniqueName("kiosk");
  private final Topics topics = new Topics(app);
  private final Kiosk kiosk = new Kiosk(SEED);
  private final Random random = new Random(SEED);

  @Test
  void everyService_killedInTurnUnderLoad_losesAndDoublesNothing(RunningStack stack) {
    try (Sender sender = new Sender(stack, app);
        Fire fire = new Fire(stack, SEED)) {
      stack.apply(app, Kiosk.definition(app, LABELS));
      underFire(
          kiosk.hour(FIRST_HOUR, VIEWS_BEFORE_THE_MODEL),
          List.of(Service.FEATURE_STORE, Service.VALIDATOR),
          sender,
          fire);
      firstModelUnderFire(stack, sender, fire);
      Set<String> before = Set.copyOf(kiosk.views().keySet());

      underFire(
          kiosk.hour(SERVED_HOUR, VIEWS_SERVED),
          List.of(Service.INFERENCE, Service.FEATURE_STORE, Service.MONITOR, Service.INGEST),
          sender,
          fire);
      stack.awaitAccepted(app, kiosk);
      sender.send(kiosk.closers(SECOND_CLOSING));
      stack.awaitAccepted(app, kiosk);
      sender.send(kiosk.closers(LAST_CLOSING));
      fire.awaitBack();

      Aftermath aftermath = new Aftermath(stack, app, kiosk, LAST_CLOSING);
      aftermath.everything(sender.sentAgain());
      Served served = new Served(stack, app, kiosk, LAST_CLOSING);
      served.predictions(before);
      served.recordedVectors(10_000);
      served.outcomes();
    }
  }

  /** Sends everything in batches, and strikes each of the services once at a chosen batch. */
  private void underFire(List<Message> messages, List<Service> services, Sender sender, Fire fire) {
    List<Service> order = new ArrayList<>(services);
    Collections.shuffle(order, random);
    int batches = Math.ceilDiv(messages.size(), BATCH);
    int share = batches / order.size();
    List<Integer> moments = new ArrayList<>();
    for (int i = 0; i < order.size(); i++) {
      moments.add(i * share + random.nextInt(share / 2));
    }
    for (int batch = 0; batch < batches; batch++) {
      int due = moments.indexOf(batch);
      if (due >= 0) {
        fire.strike(order.get(due));
      }
      sender.send(messages.subList(batch * BATCH, Math.min(messages.size(), (batch + 1) * BATCH)));
      LockSupport.parkNanos(PACE.toNanos());
    }
  }

  /** Closes the first hour, so that a model is asked for, and strikes whoever is at it. */
  private void firstModelUnderFire(RunningStack stack, Sender sender, Fire fire) {
    stack.awaitAccepted(app, kiosk);
    sender.send(kiosk.closers(FIRST_CLOSING));
    List<ConsumerRecord<String, TrainingRequested>> asked = new ArrayList<>();
    stack.until(
        Service.MONITOR,
        () -> asked.addAll(stack.read(topics.training())),
        () ->
            "asks for no model: "
                + stack.client().get(Service.MONITOR, path("/loop")).path("loop").path("counts"));
    fire.strike(Service.TRAINER);
    stack.awaitChampion(app);
    assertThat(stack.read(topics.training()))
        .as("one model was asked for")
        .extracting(each -> each.value().runId())
        .containsOnly(app + "-first");
  }

  private String path(String rest) {
    return "/v1/applications/" + app + rest;
  }
}
