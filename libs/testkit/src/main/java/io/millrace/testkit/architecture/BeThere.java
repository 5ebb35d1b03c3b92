// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

/** Holds of every class: for rules about places that stay empty. */
final class BeThere extends ArchCondition<JavaClass> {
  static final BeThere INSTANCE = new BeThere();

  private BeThere() {
    super("be there");
  }

  @Override
  public void check(JavaClass type, ConditionEvents events) {
    events.add(SimpleConditionEvent.satisfied(type, type.getName() + " is there"));
  }
}
