// SPDX-License-Identifier: Apache-2.0
package io.millrace.cli.demo;

/** A milestone was not reached. */
final class DemoFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Milestones.Milestone milestone;

  DemoFailure(Milestones.Milestone milestone, String message) {
    super(message);
    this.milestone = milestone;
  }

  Milestones.Milestone milestone() {
    return milestone;
  }
}
