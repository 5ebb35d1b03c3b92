// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.wiring;

import io.millrace.chassis.ChassisConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The judge of data and of models. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({
  ChassisConfiguration.class,
  DataValidationConfiguration.class,
  ModelValidationConfiguration.class
})
public class ValidatorApplication {
  public static void main(String[] args) {
    SpringApplication.run(ValidatorApplication.class, args);
  }
}
