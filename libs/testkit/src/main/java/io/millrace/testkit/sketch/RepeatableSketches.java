// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.sketch;

import java.lang.reflect.Field;
import java.util.Random;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes a simulation over quantile sketches repeat itself: {@code
 * &#64;ExtendWith(RepeatableSketches.class)}. Every KLL sketch of a virtual machine draws from one
 * random source that the library seeds by the clock, so that seeded data alone leave an alarm rate
 * that differs from run to run. This seeds it before the class and before each test. The test needs
 * DataSketches on its path.
 */
public final class RepeatableSketches implements BeforeAllCallback, BeforeEachCallback {
  private static final String SOURCE = "org.apache.datasketches.kll.KllSketch";
  private static final long SEED = 20_000_101;

  @Override
  public void beforeAll(ExtensionContext context) throws ReflectiveOperationException {
    seed();
  }

  @Override
  public void beforeEach(ExtensionContext context) throws ReflectiveOperationException {
    seed();
  }

  private static void seed() throws ReflectiveOperationException {
    Field random = Class.forName(SOURCE).getDeclaredField("random");
    random.setAccessible(true);
    ((Random) random.get(null)).setSeed(SEED);
  }
}
