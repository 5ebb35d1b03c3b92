// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stats;

import io.millrace.stats.detector.Detectors;
import java.util.List;
import moa.classifiers.core.driftdetection.ADWINChangeDetector;
import moa.classifiers.core.driftdetection.ChangeDetector;
import moa.classifiers.core.driftdetection.CusumDM;
import moa.classifiers.core.driftdetection.DDM;
import moa.classifiers.core.driftdetection.EDDM;
import moa.classifiers.core.driftdetection.HDDM_A_Test;
import moa.classifiers.core.driftdetection.HDDM_W_Test;
import moa.classifiers.core.driftdetection.PageHinkleyDM;

/**
 * MOA's detectors with its own defaults, by the names that {@link Detectors} gives ours. Its HDDM-W
 * keeps what it has seen in static fields, so of that one only the last made is usable.
 */
final class MoaDetectors {
  /** Whose they are, with the version. */
  static final String MOA = "MOA 2024.07";

  private MoaDetectors() {}

  static List<String> names() {
    return List.of("adwin", "ddm", "eddm", "hddm_a", "hddm_w", "page_hinkley", "cusum");
  }

  static ChangeDetector create(String name) {
    return switch (name) {
      case "adwin" -> new ADWINChangeDetector();
      case "ddm" -> new DDM();
      case "eddm" -> new EDDM();
      case "hddm_a" -> new HDDM_A_Test();
      case "hddm_w" -> new HDDM_W_Test();
      case "page_hinkley" -> new PageHinkleyDM();
      case "cusum" -> new CusumDM();
      default -> throw new IllegalArgumentException("MOA has no " + name);
    };
  }

  /** One of them over the errors of a stream of outcomes. */
  static Watch watch(String name) {
    ChangeDetector detector = create(name);
    return outcome -> {
      detector.input(outcome.isWrong() ? 1 : 0);
      return detector.getChange();
    };
  }
}
