// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.adapter.http;

import io.millrace.chassis.http.ProblemException;
import io.millrace.chassis.http.Violation;
import io.millrace.chassis.registry.ApplicationRegistry;
import io.millrace.inference.model.ModelDirectory;
import io.millrace.inference.model.ModelDirectory.Standing;
import io.millrace.inference.model.ServedVersion;
import io.millrace.inference.serving.Values;
import io.millrace.models.ModelInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The Open Inference Protocol (version 2, REST) over raw model inputs: the model's name is the
 * application, each input one column tensor of shape {@code [n]} or {@code [n, 1]}. Numbers travel
 * as FP64, FP32, INT64 or INT32, texts as BYTES, flags as BOOL; null stands for a missing value. No
 * feature is looked up here.
 */
@RestController
@RequestMapping("/v2")
public final class OpenInferenceController {
  private static final int ROWS_MAX = 10_000;
  private static final Set<String> NUMBERS =
      Set.of(
          "FP64", "FP32", "FP16", "INT64", "INT32", "INT16", "INT8", "UINT64", "UINT32", "UINT16",
          "UINT8", "BOOL");

  private final ApplicationRegistry registry;
  private final ModelDirectory models;

  public OpenInferenceController(ApplicationRegistry registry, ModelDirectory models) {
    this.registry = registry;
    this.models = models;
  }

  record ServerMetadata(String name, String version, List<String> extensions) {}

  record Tensor(
      String name,
      @Nullable List<Long> shape,
      @Nullable String datatype,
      @Nullable List<@Nullable Object> data) {}

  record TensorMetadata(String name, String datatype, List<Long> shape) {}

  record Metadata(
      String name,
      List<String> versions,
      String platform,
      List<TensorMetadata> inputs,
      List<TensorMetadata> outputs) {}

  record InferRequest(@Nullable String id, @Nullable List<Tensor> inputs) {}

  record InferResponse(
      String model_name, String model_version, @Nullable String id, List<Tensor> outputs) {}

  @GetMapping
  ServerMetadata server() {
    return new ServerMetadata("millrace-inference", "0.1.0", List.of());
  }

  @GetMapping("/health/live")
  Map<String, Boolean> live() {
    return Map.of("live", true);
  }

  /** Ready once it is known which versions there are, and while every promoted one is loaded. */
  @GetMapping("/health/ready")
  ResponseEntity<Map<String, Boolean>> ready() {
    boolean ready =
        registry.isComplete()
            && registry.all().stream()
                .filter(applied -> applied.definition().model() != null)
                .map(applied -> models.standing(applied.app()))
                .allMatch(
                    standing ->
                        standing instanceof Standing.Serving
                            || standing instanceof Standing.NoChampion);
    return ResponseEntity.status(ready ? 200 : 503).body(Map.of("ready", ready));
  }

  @GetMapping("/models/{model}")
  Metadata metadata(@PathVariable String model) {
    return describe(model, champion(model));
  }

  @GetMapping("/models/{model}/versions/{version}")
  Metadata metadata(@PathVariable String model, @PathVariable String version) {
    return describe(model, version(model, version));
  }

  @GetMapping("/models/{model}/ready")
  Map<String, Object> modelReady(@PathVariable String model) {
    return Map.of("name", model, "ready", !champion(model).version().isEmpty());
  }

  @GetMapping("/models/{model}/versions/{version}/ready")
  Map<String, Object> modelReady(@PathVariable String model, @PathVariable String version) {
    return Map.of("name", model, "ready", !version(model, version).version().isEmpty());
  }

  @PostMapping("/models/{model}/infer")
  InferResponse infer(@PathVariable String model, @RequestBody InferRequest request) {
    try (ModelDirectory.Lease lease = models.lease(model)) {
      ServedVersion champion = lease.route().champion();
      return infer(model, champion == null ? champion(model) : champion, request);
    }
  }

  @PostMapping("/models/{model}/versions/{version}/infer")
  InferResponse infer(
      @PathVariable String model, @PathVariable String version, @RequestBody InferRequest request) {
    try (ModelDirectory.Lease lease =
        models.lease(model, version).orElseThrow(() -> notLoaded(model, version))) {
      return infer(model, Objects.requireNonNull(lease.route().champion()), request);
    }
  }

  private ServedVersion champion(String model) {
    registry.require(model);
    return Champions.require(models, model);
  }

  private ServedVersion version(String model, String version) {
    return models.version(model, version).orElseThrow(() -> notLoaded(model, version));
  }

  private static ProblemException notLoaded(String model, String version) {
    return ProblemException.notFound(
        "model '" + model + "' has no loaded version '" + version + "'");
  }

  private Metadata describe(String model, ServedVersion version) {
    return new Metadata(
        model,
        models.versions(model).stream()
            .filter(ModelDirectory.VersionView::loaded)
            .map(ModelDirectory.VersionView::version)
            .toList(),
        "millrace_" + version.metadata().algorithm(),
        version.metadata().inputs().stream()
            .map(input -> new TensorMetadata(input.name(), datatype(input), List.of(-1L)))
            .toList(),
        List.of(new TensorMetadata("score", "FP64", List.of(-1L))));
  }

  private static String datatype(ModelInput input) {
    return switch (input.type()) {
      case NUMBER -> "FP64";
      case CATEGORY -> "BYTES";
    };
  }

  private static InferResponse infer(String model, ServedVersion version, InferRequest request) {
    List<ModelInput> inputs = version.metadata().inputs();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    List<Violation> violations = new ArrayList<>();
    int rows = check(inputs, request, tensors, violations);
    if (!violations.isEmpty()) {
      throw ProblemException.invalid(violations.getFirst().message(), violations);
    }
    List<Object[]> batch = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      @Nullable Object[] values = new Object[inputs.size()];
      for (int i = 0; i < values.length; i++) {
        Tensor tensor = tensors.get(inputs.get(i).name());
        values[i] =
            tensor == null || tensor.data() == null
                ? null
                : Values.canonical(tensor.data().get(row));
      }
      batch.add(values);
    }
    List<@Nullable Object> scores = new ArrayList<>(rows);
    for (double score : version.score(batch)) {
      scores.add(score);
    }
    return new InferResponse(
        model,
        version.version(),
        request.id(),
        List.of(new Tensor("score", List.of((long) rows), "FP64", scores)));
  }

  /** Collects the tensors and returns the number of rows. */
  private static int check(
      List<ModelInput> inputs,
      InferRequest request,
      Map<String, Tensor> tensors,
      List<Violation> violations) {
    if (request.inputs() == null || request.inputs().isEmpty()) {
      violations.add(new Violation("inputs", "required", "inputs: at least one tensor"));
      return 0;
    }
    int rows = -1;
    for (Tensor tensor : request.inputs()) {
      if (tensor == null || tensor.name() == null) {
        violations.add(new Violation("inputs", "required", "inputs: every tensor has a name"));
        continue;
      }
      String path = "inputs." + tensor.name();
      if (tensors.containsKey(tensor.name())) {
        violations.add(new Violation(path, "duplicate", path + " is there twice"));
        continue;
      }
      ModelInput input =
          inputs.stream()
              .filter(each -> each.name().equals(tensor.name()))
              .findFirst()
              .orElse(null);
      if (input == null) {
        violations.add(
            new Violation(
                path,
                "unknown-input",
                "the model has no input '"
                    + tensor.name()
                    + "'; it has "
                    + inputs.stream().map(ModelInput::name).toList()));
        continue;
      }
      List<@Nullable Object> data = tensor.data();
      if (data == null || data.isEmpty() || data.size() > ROWS_MAX) {
        violations.add(
            new Violation(path + ".data", "size", path + ".data: 1 to " + ROWS_MAX + " rows"));
        continue;
      }
      if (!fits(tensor.shape(), data.size()) || (rows >= 0 && rows != data.size())) {
        violations.add(
            new Violation(
                path + ".shape",
                "shape",
                path + ": " + data.size() + " values do not fit the shape or the other inputs"));
        continue;
      }
      rows = data.size();
      if (tensor.datatype() != null && !datatypeFits(input, tensor.datatype())) {
        violations.add(
            new Violation(
                path + ".datatype",
                "datatype",
                path
                    + ": '"
                    + tensor.datatype()
                    + "' cannot hold what the model takes as "
                    + datatype(input)));
        continue;
      }
      checkTypes(input, data, path, violations);
      tensors.put(tensor.name(), tensor);
    }
    return Math.max(rows, 0);
  }

  /** A column: {@code [n]} or {@code [n, 1]}. */
  private static boolean fits(@Nullable List<Long> shape, int rows) {
    return shape == null
        || shape.equals(List.of((long) rows))
        || shape.equals(List.of((long) rows, 1L));
  }

  private static boolean datatypeFits(ModelInput input, String datatype) {
    return NUMBERS.contains(datatype)
        || (input.type() == ModelInput.Type.CATEGORY && datatype.equals("BYTES"));
  }

  private static void checkTypes(
      ModelInput input, List<@Nullable Object> data, String path, List<Violation> violations) {
    for (int i = 0; i < data.size(); i++) {
      Object value = data.get(i);
      boolean fits =
          value == null
              || switch (input.type()) {
                case NUMBER -> value instanceof Number || value instanceof Boolean;
                case CATEGORY ->
                    value instanceof String || value instanceof Number || value instanceof Boolean;
              };
      if (!fits) {
        violations.add(
            new Violation(
                path + ".data[" + i + "]",
                "type",
                path + ".data[" + i + "] is not of type " + input.type()));
        return;
      }
    }
  }
}
