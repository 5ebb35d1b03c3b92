// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.wiring;

import io.millrace.chassis.ChassisConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The model server. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ChassisConfiguration.class, InferenceConfiguration.class})
public class InferenceApplication {
  public static void main(String[] args) {
    SpringApplication.run(InferenceApplication.class, args);
  }
}
