// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.run;

import io.millrace.common.contract.AllowedSpans;
import io.millrace.common.contract.ApplicationApplied;
import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.common.contract.ModelVersionChanged.Transition;
import io.millrace.common.contract.TrainingRequested;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.FeatureScopes;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ModelDefinition;
import io.millrace.common.definition.MonitorDefinition;
import io.millrace.datasets.ColumnType;
import io.millrace.datasets.DatasetManifest;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelMetadata;
import io.millrace.models.ModelPackage;
import io.millrace.models.engine.Engines;
import io.millrace.trainer.learning.Learner;
import io.millrace.trainer.learning.ModelTraining;
import io.millrace.trainer.learning.TrainingData;
import io.millrace.trainer.learning.TrainingPlan;
import io.millrace.trainer.learning.UntrainableException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out training requests, one at a time. A run id yields at most one version however often
 * its request is delivered: a run that has ended is not run again, and one whose version is in the
 * registry already only gets its record completed.
 */
public final class TrainingRun {
  private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);
  private static final String SERVICE = "trainer";
  private static final int EXAMPLE_ROWS = 8;

  private final Surroundings around;

  public TrainingRun(Surroundings around) {
    this.around = around;
  }

  /**
   * What a run needs.
   *
   * @param definitions application → its definition in force
   * @param learners by algorithm
   * @param codeVersion version of this software
   */
  public record Surroundings(
      Function<String, Optional<ApplicationApplied>> definitions,
      VerdictWait verdicts,
      DatasetSource datasets,
      Map<String, Learner> learners,
      ModelTraining training,
      ModelRegistry registry,
      PackageStore packages,
      RunStore runs,
      RunMeter meter,
      InstantSource clock,
      String codeVersion) {}

  /**
   * Runs a request to its end.
   *
   * @throws InterruptedException where the process stops; the request must then be delivered again
   */
  public RunRecord execute(TrainingRequested request) throws InterruptedException {
    Optional<RunRecord> before = around.runs().find(request.app(), request.runId());
    if (before.isPresent() && before.get().state().ended()) {
      return before.get();
    }
    RunLog log = new RunLog(request, around.runs(), around.meter(), around.clock());
    try {
      Optional<ModelVersionChanged> published = published(request);
      if (published.isPresent()) {
        ModelVersionChanged version = published.get();
        return version.packageSha256() == null
            ? log.ended(RunState.REFUSED, version.transitions().getFirst().reasons())
            : log.packaged(version.version(), version.packageSha256());
      }
      ApplicationApplied applied =
          around
              .definitions()
              .apply(request.app())
              .orElseThrow(
                  () -> new UntrainableException("no application '" + request.app() + "'"));
      return train(request, applied, log);
    } catch (UntrainableException e) {
      LOG.info("application {}: run {} refused: {}", request.app(), request.runId(), e.reasons());
      return withoutModel(request, log, RunState.REFUSED, e.reasons());
    } catch (RuntimeException e) {
      LOG.error("application {}: run {} failed", request.app(), request.runId(), e);
      return withoutModel(
          request, log, RunState.FAILED, List.of("failed: " + String.valueOf(e.getMessage())));
    }
  }

  private RunRecord train(TrainingRequested request, ApplicationApplied applied, RunLog log)
      throws InterruptedException {
    ApplicationDefinition definition = applied.definition();
    LabelDefinition label = definition.label();
    ModelDefinition model = definition.model();
    if (label == null || model == null) {
      throw new UntrainableException("the application declares no label and model");
    }
    TrainingPlan plan = TrainingPlan.of(model, request.options(), around.learners());
    log.plan(plan.learner().algorithm(), plan.seed());

    log.step(RunState.WAITING_FOR_VERDICTS);
    AllowedSpans allowed =
        around.verdicts().await(definition, label, request.fromMs(), request.toMs());
    log.allowed(allowed.intervals());
    log.detail(allowed.good() + " good spans, bad: " + allowed.bad());
    if (allowed.intervals().isEmpty()) {
      throw new UntrainableException(
          allowed.good() == 0 && allowed.bad().isEmpty()
              ? "no data of '%s' has been judged yet: send events first"
                  .formatted(label.decidedAt())
              : "no span of '%s' may be trained on: %d are good, bad are %s"
                  .formatted(label.decidedAt(), allowed.good(), allowed.bad()));
    }

    log.step(RunState.BUILDING_DATASET);
    DatasetSource.Built built =
        around
            .datasets()
            .build(
                request.app(),
                new DatasetSource.Request(
                    request.fromMs(), request.toMs(), allowed.intervals(), model.evalShare()),
                log::detail);
    requireRows(definition, built.manifest());
    TrainingData data = TrainingData.of(built.files(), definition.modelInputs());
    RunRecord.DatasetFacts facts = facts(built.manifest(), data);
    log.dataset(facts);

    log.step(RunState.TRAINING);
    Map<String, ColumnType> columns = new TreeMap<>();
    built.manifest().columns().forEach(column -> columns.put(column.name(), column.type()));
    ModelTraining.Result result =
        around.training().train(plan, data, model.heuristics(), columns, log::trial);
    log.result(result.parameters(), result.evaluations());
    ModelPackage content = pack(applied, plan, data, facts, result);
    return publish(request, applied, plan, content, log);
  }

  private static void requireRows(ApplicationDefinition definition, DatasetManifest manifest) {
    int minimum = MonitorDefinition.rowsToTrainOn(definition.monitor());
    if (manifest.rows() < minimum) {
      throw new UntrainableException(
          "%d labelled rows in good spans, at least %d are needed"
              .formatted(manifest.rows(), minimum));
    }
  }

  private static RunRecord.DatasetFacts facts(DatasetManifest manifest, TrainingData data) {
    return new RunRecord.DatasetFacts(
        manifest.id(),
        manifest.contentHash(),
        manifest.rows(),
        data.train().size(),
        data.eval().size(),
        manifest.fromMs(),
        manifest.toMs(),
        manifest.rows() == 0 ? 0 : (double) manifest.labels().positives() / manifest.rows());
  }

  private ModelPackage pack(
      ApplicationApplied applied,
      TrainingPlan plan,
      TrainingData data,
      RunRecord.DatasetFacts dataset,
      ModelTraining.Result result) {
    Map<String, String> environment = new TreeMap<>(plan.learner().environment());
    environment.put("java", Runtime.version().toString());
    environment.put("architecture", System.getProperty("os.arch"));
    ModelMetadata metadata =
        new ModelMetadata(
            ModelMetadata.FORMAT,
            applied.app(),
            plan.task().word(),
            plan.learner().algorithm(),
            Engines.of(plan.learner().algorithm()).weightsFile(),
            result.preprocessing().width(),
            data.inputs(),
            FeatureScopes.derived(applied.definition()).definition(),
            ViewHashes.of(applied.definition()),
            new ModelMetadata.Dataset(
                dataset.id(),
                dataset.contentHash(),
                dataset.trainRows(),
                dataset.evalRows(),
                dataset.fromMs(),
                dataset.toMs()),
            applied.version(),
            around.codeVersion(),
            plan.seed(),
            new TreeMap<>(result.parameters()),
            figures(result),
            environment,
            Map.of());
    List<@Nullable Object[]> example = new ArrayList<>();
    for (int i = 0; i < Math.min(EXAMPLE_ROWS, data.eval().size()); i++) {
      example.add(data.eval().raw(i));
    }
    return LoadedModel.pack(
        metadata, result.preprocessing(), result.weights(), example, result.profile());
  }

  private static Map<String, Double> figures(ModelTraining.Result result) {
    Map<String, Double> figures = new TreeMap<>();
    result
        .evaluations()
        .forEach(
            (name, evaluation) ->
                figures.putAll(evaluation.flat(name.equals("model") ? "eval" : "eval." + name)));
    double validation = result.trials().getFirst().validationLoss();
    if (Double.isFinite(validation)) {
      figures.put("train.validation_loss", validation);
    }
    return figures;
  }

  private RunRecord publish(
      TrainingRequested request,
      ApplicationApplied applied,
      TrainingPlan plan,
      ModelPackage content,
      RunLog log) {
    String app = request.app();
    String version = nextVersion(around.registry().current(app));
    String sha256 = around.packages().write(app, version, content);
    ModelMetadata metadata = content.metadata();
    Map<String, Double> metrics = new TreeMap<>(metadata.metrics());
    metrics.put("train.rows", (double) metadata.dataset().trainRows());
    metrics.put("eval.rows", (double) metadata.dataset().evalRows());
    around
        .registry()
        .publish(
            new ModelVersionChanged(
                app,
                version,
                Status.CANDIDATE,
                request.runId(),
                plan.learner().algorithm(),
                metadata.dataset().id(),
                applied.version(),
                sha256,
                around.packages().url(app, version),
                metrics,
                List.of(
                    new Transition(
                        Status.CANDIDATE,
                        around.clock().millis(),
                        SERVICE,
                        List.of("trained: " + request.reason())))));
    LOG.info("application {}: run {} made version {}", app, request.runId(), version);
    return log.packaged(version, sha256);
  }

  /** The next integer; refused runs have no number. */
  static String nextVersion(List<ModelVersionChanged> versions) {
    int last = 0;
    for (ModelVersionChanged version : versions) {
      if (version.version().matches("\\d{1,9}")) {
        last = Math.max(last, Integer.parseInt(version.version()));
      }
    }
    return Integer.toString(last + 1);
  }

  private Optional<ModelVersionChanged> published(TrainingRequested request) {
    return around.registry().current(request.app()).stream()
        .filter(version -> version.runId().equals(request.runId()))
        .findFirst();
  }

  /** Tells the topic, so that whoever asked for the run learns of its end. */
  private RunRecord withoutModel(
      TrainingRequested request, RunLog log, RunState state, List<String> reasons) {
    List<String> all = reasons;
    try {
      around
          .registry()
          .publish(
              new ModelVersionChanged(
                  request.app(),
                  "run-" + request.runId(),
                  Status.REFUSED,
                  request.runId(),
                  request.options().getOrDefault("algorithm", ""),
                  null,
                  around
                      .definitions()
                      .apply(request.app())
                      .map(ApplicationApplied::version)
                      .orElse(0),
                  null,
                  null,
                  Map.of(),
                  List.of(
                      new Transition(Status.REFUSED, around.clock().millis(), SERVICE, reasons))));
    } catch (IllegalStateException e) {
      LOG.error(
          "application {}: the end of run {} is not published", request.app(), request.runId(), e);
      all = new ArrayList<>(reasons);
      all.add("not published: " + e.getMessage());
    }
    return log.ended(state, all);
  }
}
