// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.backend;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Starts the named servers, at once, before the first test of the class; {@link Backends} then
 * gives their addresses. What cannot start fails the class with its reason.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(BackendsExtension.class)
public @interface RequiresBackends {
  /** Whether the class needs Kafka. */
  boolean kafka() default false;

  /** Whether the class needs Redis. */
  boolean redis() default false;

  /** Whether the class needs Cassandra. */
  boolean cassandra() default false;
}
