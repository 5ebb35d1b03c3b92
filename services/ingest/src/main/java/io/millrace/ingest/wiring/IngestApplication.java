// SPDX-License-Identifier: Apache-2.0
package io.millrace.ingest.wiring;

import io.millrace.chassis.ChassisConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The front door. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ChassisConfiguration.class, IngestConfiguration.class})
public class IngestApplication {
  public static void main(String[] args) {
    SpringApplication.run(IngestApplication.class, args);
  }
}
