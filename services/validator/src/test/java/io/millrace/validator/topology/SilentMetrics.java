// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.topology;

/** For a topology whose metrics nobody reads. */
final class SilentMetrics implements ValidatorMetrics {
  @Override
  public void profiled(String event) {}

  @Override
  public void rejected(String event) {}

  @Override
  public void late(String event, long rows) {}

  @Override
  public void tooLate(String event, long rows) {}

  @Override
  public void judged(String event, String status, boolean revised, long nanos) {}
}
