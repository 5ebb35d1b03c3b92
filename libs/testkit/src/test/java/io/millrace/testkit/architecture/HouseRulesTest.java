// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule rejects its violating fixture, and that one alone; the clean fixture passes all. */
final class HouseRulesTest {
  private static final String FIXTURES = "io.millrace.testkit.architecture.fixture.";

  static Stream<Arguments> violations() {
    return Stream.of(
        Arguments.of("feature", "drift.Judge"),
        Arguments.of("topology", "topology.JudgeTopology"),
        Arguments.of("adapter", "adapter.cassandra.CassandraJudge"),
        Arguments.of("adapterplace", "adapter.Judge"),
        Arguments.of("wiring", "drift.Judge"),
        Arguments.of("djl", "adapter.redis.Judge"),
        Arguments.of("redis", "adapter.cassandra.Judge"),
        Arguments.of("cassandra", "adapter.redis.Judge"),
        Arguments.of("spring", "adapter.redis.Judge"),
        Arguments.of("service", "drift.Judge"),
        Arguments.of("cycle", "first.First"),
        Arguments.of("name", "drift.JudgeHelper"),
        Arguments.of("clock", "drift.Judge"),
        Arguments.of("nullmarked", "drift.Judge"));
  }

  @ParameterizedTest
  @MethodSource("violations")
  void rule_violatingFixture_isRejectedNamingTheClass(String name, String violator) {
    String root = FIXTURES + name;
    ArchRule rule = HouseRules.rules(root).get(name);
    List<String> details = rule.evaluate(classes(root)).getFailureReport().getDetails();
    assertThat(details).isNotEmpty().anyMatch(detail -> detail.contains(root + "." + violator));
  }

  @Test
  void rules_all_haveAControl() {
    assertThat(HouseRules.rules(FIXTURES + "clean").keySet())
        .isEqualTo(violations().map(arguments -> arguments.get()[0]).collect(Collectors.toSet()));
  }

  @Test
  void rules_cleanFixture_allPass() {
    String root = FIXTURES + "clean";
    JavaClasses classes = classes(root);
    assertThat(classes).hasSizeGreaterThan(5);
    HouseRules.rules(root).values().forEach(rule -> rule.check(classes));
  }

  @Test
  void clock_threeWaysToAsk_areAllNamed() {
    String root = FIXTURES + "clock";
    assertThat(
            HouseRules.rules(root)
                .get("clock")
                .evaluate(classes(root))
                .getFailureReport()
                .getDetails())
        .anyMatch(detail -> detail.contains("java.time.Instant.now()"))
        .anyMatch(detail -> detail.contains("java.lang.System.currentTimeMillis()"))
        .anyMatch(detail -> detail.contains("java.util.Random.<init>()"));
  }

  @Test
  void check_noSuchPackage_fails() {
    assertThatThrownBy(() -> HouseRules.check("io.millrace.nosuchservice"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("io.millrace.nosuchservice");
  }

  @Test
  void technologies_all_existOnTheClassPath() {
    Map<String, String> sample =
        Map.of(
            "ai.djl..", "ai.djl.Model",
            "io.lettuce..", "io.lettuce.core.RedisClient",
            "com.datastax..", "com.datastax.oss.driver.api.core.CqlSession",
            "org.springframework..", "org.springframework.context.ApplicationContext");
    assertThat(sample.keySet()).isEqualTo(HouseRules.TECHNOLOGIES.keySet());
    assertThat(sample.values())
        .allSatisfy(type -> assertThat(Class.forName(type).getName()).isEqualTo(type));
  }

  @Test
  void checkLibrary_features_isPure() {
    HouseRules.checkLibrary(
        "io.millrace.features",
        "dev.cel..",
        "com.google.protobuf..",
        "com.google.common..",
        "com.google.re2j..");
  }

  @Test
  void checkLibrary_usesMoreThanNamed_isRejected() {
    assertThat(
            HouseRules.libraryDependencies(FIXTURES + "djl")
                .evaluate(classes(FIXTURES + "djl"))
                .hasViolation())
        .isTrue();
    assertThat(
            HouseRules.libraryDependencies(FIXTURES + "djl", "ai.djl..")
                .evaluate(classes(FIXTURES + "djl"))
                .hasViolation())
        .isFalse();
  }

  @Test
  void common_packages_areTheClosedList() {
    String root = "io.millrace.common.";
    Set<String> packages =
        HouseRules.productionClasses("io.millrace.common").stream()
            .map(type -> type.getPackageName().substring(root.length()))
            .collect(Collectors.toSet());
    assertThat(packages)
        .containsExactlyInAnyOrder(
            "application",
            "contract",
            "definition",
            "security",
            "serde",
            "streams",
            "telemetry",
            "topic");
  }

  private static JavaClasses classes(String root) {
    return new ClassFileImporter().importPackages(root);
  }
}
