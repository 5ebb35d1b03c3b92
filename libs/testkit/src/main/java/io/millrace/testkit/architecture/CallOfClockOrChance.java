// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.architecture;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;

/** Holds of a class that asks the system for the time of day or for a random number. */
final class CallOfClockOrChance extends ArchCondition<JavaClass> {
  static final CallOfClockOrChance INSTANCE = new CallOfClockOrChance();

  private static final Set<String> STATIC =
      Set.of(
          "java.lang.System.currentTimeMillis",
          "java.lang.Math.random",
          "java.util.concurrent.ThreadLocalRandom.current");

  private static final Set<String> UNSEEDED =
      Set.of("java.util.Random", "java.util.SplittableRandom");

  private CallOfClockOrChance() {
    super("ask the system for the time of day or for a random number");
  }

  @Override
  public void check(JavaClass type, ConditionEvents events) {
    for (JavaAccess<?> access : type.getAccessesFromSelf()) {
      if (hidden(access.getTarget())) {
        events.add(SimpleConditionEvent.satisfied(type, access.getDescription()));
      }
    }
  }

  private static boolean hidden(AccessTarget target) {
    String owner = target.getOwner().getName();
    String name = target.getName();
    if (!(target instanceof AccessTarget.CodeUnitAccessTarget call)) {
      return false;
    }
    boolean bare = call.getRawParameterTypes().isEmpty();
    return STATIC.contains(owner + "." + name)
        || (bare && name.equals("now") && owner.startsWith("java.time."))
        || (bare && name.equals("<init>") && UNSEEDED.contains(owner));
  }
}
