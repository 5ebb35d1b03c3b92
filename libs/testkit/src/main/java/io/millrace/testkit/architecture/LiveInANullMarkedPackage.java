// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

/** Holds of a class whose package says that what is not marked nullable is not null. */
final class LiveInANullMarkedPackage extends ArchCondition<JavaClass> {
  static final LiveInANullMarkedPackage INSTANCE = new LiveInANullMarkedPackage();

  private LiveInANullMarkedPackage() {
    super("live in a package with @NullMarked");
  }

  @Override
  public void check(JavaClass type, ConditionEvents events) {
    boolean marked = type.getPackage().isAnnotatedWith(NullMarked.class);
    String message =
        "package " + type.getPackageName() + " of " + type.getName() + " has no @NullMarked";
    events.add(new SimpleConditionEvent(type, marked, message));
  }
}
