// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.model;

import io.millrace.features.derived.DerivedFeatures;
import io.millrace.models.LoadedModel;
import io.millrace.models.ModelMetadata;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A loaded, warmed version. It stays in memory while the directory or a {@link
 * ModelDirectory.Lease} holds it; the last to let go frees it. Thread-safe: scoring goes on side by
 * side.
 */
public final class ServedVersion {
  private final String version;
  private final LoadedModel model;
  private int holders = 1;

  ServedVersion(String version, LoadedModel model) {
    this.version = version;
    this.model = model;
  }

  public String version() {
    return version;
  }

  public ModelMetadata metadata() {
    return model.metadata();
  }

  /** Computes the inputs named {@code derived.*}. */
  public DerivedFeatures derived() {
    return model.derived();
  }

  /** The features and request fields that must be known to score a row, in no order. */
  public Set<String> reads() {
    Set<String> reads = new LinkedHashSet<>(derived().reads());
    for (String input : metadata().inputNames()) {
      if (!input.startsWith(DerivedFeatures.SCOPE + ".")) {
        reads.add(input);
      }
    }
    return reads;
  }

  /**
   * Scores rows given in the order of the metadata's inputs. The caller holds a lease.
   *
   * @throws IllegalStateException where the version has been unloaded
   */
  public double[] score(List<Object[]> rows) {
    synchronized (this) {
      if (holders == 0) {
        throw new IllegalStateException("model version " + version + " has been unloaded");
      }
    }
    return model.score(rows);
  }

  /** Adds a holder; only somebody who knows that there is one already may call it. */
  synchronized void hold() {
    if (holders == 0) {
      throw new IllegalStateException("model version " + version + " has been unloaded");
    }
    holders++;
  }

  /** Takes a holder away; without the last one the model is freed. */
  void release() {
    synchronized (this) {
      holders--;
      if (holders != 0) {
        return;
      }
    }
    model.close();
  }
}
