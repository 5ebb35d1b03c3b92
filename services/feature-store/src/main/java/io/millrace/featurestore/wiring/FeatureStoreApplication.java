// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore.wiring;

import io.millrace.chassis.ChassisConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The feature store. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ChassisConfiguration.class, FeatureStoreConfiguration.class})
public class FeatureStoreApplication {
  public static void main(String[] args) {
    SpringApplication.run(FeatureStoreApplication.class, args);
  }
}
