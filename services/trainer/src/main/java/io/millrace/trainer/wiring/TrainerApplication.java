// SPDX-License-Identifier: Apache-2.0
package io.millrace.trainer.wiring;

import io.millrace.chassis.ChassisConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The trainer. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ChassisConfiguration.class, TrainerConfiguration.class})
public class TrainerApplication {
  public static void main(String[] args) {
    SpringApplication.run(TrainerApplication.class, args);
  }
}
