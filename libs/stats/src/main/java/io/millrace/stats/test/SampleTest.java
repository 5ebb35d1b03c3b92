// SPDX-License-Identifier: Apache-2.0
package io.millrace.stats.test;

/** The two-sample tests that need raw values of one numeric column. */
public enum SampleTest {
  /** Any difference of shape or place; weak in the tails. */
  KOLMOGOROV_SMIRNOV {
    @Override
    public TestOutcome compare(double[] reference, double[] current) {
      return KolmogorovSmirnov.test(reference, current);
    }
  },
  /** Shifts of place. */
  MANN_WHITNEY {
    @Override
    public TestOutcome compare(double[] reference, double[] current) {
      return MannWhitney.test(reference, current);
    }
  },
  /** Any difference, strong in the tails. */
  ANDERSON_DARLING {
    @Override
    public TestOutcome compare(double[] reference, double[] current) {
      return AndersonDarling.test(reference, current);
    }
  },
  /** Any difference, strong in the middle. */
  CRAMER_VON_MISES {
    @Override
    public TestOutcome compare(double[] reference, double[] current) {
      return CramerVonMises.test(reference, current);
    }
  };

  /**
   * Compares finite samples; neither is changed.
   *
   * @throws IllegalArgumentException if a sample is empty or not finite
   */
  public abstract TestOutcome compare(double[] reference, double[] current);
}
