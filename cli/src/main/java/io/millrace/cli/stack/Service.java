// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.stack;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The six services. */
public enum Service {
  /** The front door. */
  INGEST("ingest", "io.millrace.ingest.wiring.IngestApplication", 512, Compilation.LATE),
  /** Features, labels, datasets. */
  FEATURE_STORE(
      "feature-store",
      "io.millrace.featurestore.wiring.FeatureStoreApplication",
      512,
      Compilation.LATE),
  /** Verdicts on data and models. */
  VALIDATOR(
      "validator", "io.millrace.validator.wiring.ValidatorApplication", 512, Compilation.LATE),
  /** Training and the registry. */
  TRAINER("trainer", "io.millrace.trainer.wiring.TrainerApplication", 512, Compilation.LATE),
  /** Predictions. */
  INFERENCE(
      "inference", "io.millrace.inference.wiring.InferenceApplication", 512, Compilation.LATE),
  /** Drift, performance, retraining, rollout, console. */
  MONITOR("monitor", "io.millrace.monitor.wiring.MonitorApplication", 384, Compilation.QUICK);

  /** The port of the first service where none is given; the others follow in order. */
  public static final int PORT_BASE = 8081;

  private final String id;
  private final String mainClass;
  private final int heapMb;
  private final Compilation compilation;

  Service(String id, String mainClass, int heapMb, Compilation compilation) {
    this.id = id;
    this.mainClass = mainClass;
    this.heapMb = heapMb;
    this.compilation = compilation;
  }

  /** Its name as people write it, such as {@code feature-store}. */
  public String id() {
    return id;
  }

  /** The module that holds it. */
  String module() {
    return "services/" + id;
  }

  String mainClass() {
    return mainClass;
  }

  /** Its Java heap at most, in MiB. */
  int heapMb() {
    return heapMb;
  }

  /** Options of its JVM about compilation. */
  List<String> compilationOptions() {
    return compilation.options;
  }

  /** The environment variable that names its base URL. */
  public String urlVariable() {
    return "MILLRACE_" + name() + "_URL";
  }

  /** The environment variable with further options of its JVM. */
  String javaOptionsVariable() {
    return "MILLRACE_" + name() + "_JAVA_OPTS";
  }

  /** The service of that name. */
  public static Optional<Service> of(String id) {
    String lower = id.toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(service -> service.id.equals(lower)).findFirst();
  }

  /**
   * How a service's code is compiled. The optimising compiler takes half of the processor time of a
   * start, for code that runs a few thousand times and never again.
   */
  private enum Compilation {
    /** The quick compiler only: for services that no request waits for. */
    QUICK(List.of("-XX:TieredStopAtLevel=1")),
    /**
     * Optimised once it has run six times as often as Java would wait: hot code still is at once.
     */
    LATE(
        List.of(
            "-XX:Tier4InvocationThreshold=30000",
            "-XX:Tier4MinInvocationThreshold=5000",
            "-XX:Tier4CompileThreshold=60000",
            "-XX:Tier4BackEdgeThreshold=250000"));

    private final List<String> options;

    Compilation(List<String> options) {
      this.options = options;
    }
  }
}
