// SPDX-License-Identifier: Apache-2.0
package io.millrace.datasets;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rows of each class of the label that one stage of the making of a dataset has let through.
 *
 * @param stage one of the constants
 * @param rows label → rows
 * @param weights label → sum of the rows' weights, which make up for sampling by class
 */
public record ClassStage(String stage, Map<String, Long> rows, Map<String, Double> weights) {
  /** Most classes that are told apart: a label of more values than that is a quantity or a name. */
  public static final int MOST_CLASSES = 100;

  /** Moments whose label is decided, of the time that was asked for. */
  public static final String COLLECTED = "collected";

  /** Of those, in spans that may be used. */
  public static final String ALLOWED = "allowed";

  /** Of those, in the sample: the rows of the dataset. */
  public static final String SAMPLED = "sampled";

  /** Of those, to train on. */
  public static final String TRAIN = "train";

  /** Of those of the sample, held out. */
  public static final String EVAL = "eval";

  public ClassStage {
    rows = Collections.unmodifiableMap(new TreeMap<>(rows));
    weights = Collections.unmodifiableMap(new TreeMap<>(weights));
  }
}
