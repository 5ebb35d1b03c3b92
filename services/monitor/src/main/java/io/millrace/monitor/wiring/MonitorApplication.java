// SPDX-License-Identifier: Apache-2.0
package io.millrace.monitor.wiring;

import io.millrace.chassis.ChassisConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The monitor and its console. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import({ChassisConfiguration.class, MonitorConfiguration.class})
public class MonitorApplication {
  public static void main(String[] args) {
    SpringApplication.run(MonitorApplication.class, args);
  }
}
