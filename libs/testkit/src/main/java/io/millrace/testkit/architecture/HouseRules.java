// SPDX-License-Identifier: Apache-2.0
package io.millrace.testkit.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The rooms of a service and the doors between them. A service's whole test is
 *
 * <pre>{@code
 * @Test
 * void ingest_allClasses_followTheHouseRules() {
 *   HouseRules.check("io.millrace.ingest");
 * }
 * }</pre>
 *
 * <p>Under a service's root package, {@code topology}, {@code adapter} and {@code wiring} are
 * reserved rooms; every other package is a feature.
 */
public final class HouseRules {
  /** Root packages of the services. */
  static final List<String> SERVICES =
      Stream.of("ingest", "featurestore", "validator", "trainer", "inference", "monitor")
          .map(service -> "io.millrace." + service)
          .toList();

  /** What every room may use: the JDK, logging's interface, null annotations. */
  private static final List<String> GROUND =
      List.of(
          "java..",
          "javax.crypto..",
          "javax.net..",
          "org.slf4j",
          "org.slf4j.event",
          "org.jspecify..");

  /** What a feature may use beyond its own service: pure code and the words of topics. */
  private static final List<String> PURE =
      List.of(
          "io.millrace.common.contract..",
          "io.millrace.common.definition..",
          "io.millrace.features..",
          "io.millrace.stats..",
          "io.millrace.datasets..",
          "io.millrace.models..");

  private static final List<String> TOPOLOGY =
      List.of(
          "io.millrace.common..",
          "org.apache.kafka.streams..",
          "org.apache.kafka.common..",
          "io.opentelemetry.api..",
          "io.opentelemetry.context..");

  /** A technology's packages and the adapters that may use them; wiring may use them all. */
  static final Map<String, List<String>> TECHNOLOGIES =
      Map.of(
          "ai.djl..", List.of("djl"),
          "io.lettuce..", List.of("redis"),
          "com.datastax..", List.of("cassandra"),
          "org.springframework..", List.of("http", "kafka"));

  private static final String BAD_NAMES = ".*(Utils?|Helper|Manager|Impl|Dto|V2)";

  private HouseRules() {}

  /**
   * Checks all rules on a service.
   *
   * @param root its root package, such as {@code io.millrace.ingest}
   * @throws AssertionError naming every class that breaks a rule, and which; also where the package
   *     holds no class
   */
  public static void check(String root) {
    JavaClasses imported = productionClasses(root);
    CompositeArchRule.of(List.copyOf(rules(root).values())).check(imported);
  }

  /**
   * Checks a library: it uses what is named, itself and the ground only, has no cycles, no bad
   * names, no clock of its own.
   *
   * @param root its root package
   * @param allowed package patterns that it may use, such as {@code dev.cel..}
   */
  public static void checkLibrary(String root, String... allowed) {
    JavaClasses imported = productionClasses(root);
    List<ArchRule> rules =
        List.of(
            libraryDependencies(root, allowed),
            names(root),
            noCycles(root),
            noHiddenClock(root, anyClass(root)),
            nullMarked(root));
    CompositeArchRule.of(rules).check(imported);
  }

  /** All rules for a service by name. */
  static Map<String, ArchRule> rules(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("feature", featureRoom(root));
    rules.put("topology", topologyRoom(root));
    rules.put("adapter", adapterRoom(root));
    rules.put("adapterplace", adapterPlace(root));
    rules.put("wiring", wiringRoom(root));
    TECHNOLOGIES.forEach(
        (packages, adapters) -> rules.put(key(packages), technology(root, packages, adapters)));
    rules.put("service", otherServices(root));
    rules.put("cycle", noCycles(root));
    rules.put("name", names(root));
    rules.put("clock", noHiddenClock(root, not(inRoom(root, "wiring")).and(anyClass(root))));
    rules.put("nullmarked", nullMarked(root));
    return rules;
  }

  static JavaClasses productionClasses(String root) {
    JavaClasses imported =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(root);
    if (imported.isEmpty()) {
      throw new AssertionError("no class under " + root + ": the rules would hold of nothing");
    }
    return imported;
  }

  static ArchRule libraryDependencies(String root, String... allowed) {
    String[] packages =
        Stream.of(Stream.of(root + ".."), GROUND.stream(), Stream.of(allowed))
            .flatMap(s -> s)
            .toArray(String[]::new);
    return classes()
        .that(anyClass(root))
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(packages).or(primitive()))
        .because("a library stays usable everywhere by using little; move the rest to its caller");
  }

  private static ArchRule featureRoom(String root) {
    return classes()
        .that(feature(root))
        .should()
        .onlyDependOnClassesThat(feature(root).or(in(GROUND)).or(in(PURE)).or(primitive()))
        .allowEmptyShould(true)
        .because(
            "a feature is pure: let it declare a port, and an adapter or the wiring implement it");
  }

  private static ArchRule topologyRoom(String root) {
    return classes()
        .that(inRoom(root, "topology"))
        .should()
        .onlyDependOnClassesThat(
            inRoom(root, "topology")
                .or(feature(root))
                .or(in(GROUND))
                .or(in(PURE))
                .or(in(TOPOLOGY))
                .or(primitive()))
        .allowEmptyShould(true)
        .because("a topology only routes, keys and windows; decisions live in features");
  }

  private static ArchRule adapterRoom(String root) {
    return slices()
        .matching(root + ".adapter.(*)..")
        .should()
        .notDependOnEachOther()
        .allowEmptyShould(true)
        .because("an adapter knows one technology; what two share belongs in a feature");
  }

  private static ArchRule adapterPlace(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".adapter")
        .and(not(packageInfo()))
        .should(BeThere.INSTANCE)
        .allowEmptyShould(true)
        .because("an adapter stands in adapter.<technology>");
  }

  private static ArchRule wiringRoom(String root) {
    return noClasses()
        .that(not(inRoom(root, "wiring")).and(anyClass(root)))
        .should()
        .dependOnClassesThat(inRoom(root, "wiring"))
        .because("wiring uses everything and nobody uses wiring; pass the value in instead");
  }

  private static ArchRule technology(String root, String packages, List<String> adapters) {
    DescribedPredicate<JavaClass> allowed =
        adapters.stream()
            .map(adapter -> inRoom(root, "adapter." + adapter))
            .reduce(inRoom(root, "wiring"), (one, other) -> one.or(other));
    return noClasses()
        .that(anyClass(root).and(not(allowed)))
        .should()
        .dependOnClassesThat(resideInAnyPackage(packages))
        .because(packages + " is used in adapter " + adapters + " and wired in wiring only");
  }

  private static ArchRule otherServices(String root) {
    String[] others =
        SERVICES.stream()
            .filter(service -> !service.equals(root))
            .map(service -> service + "..")
            .toArray(String[]::new);
    return noClasses()
        .that(anyClass(root))
        .should()
        .dependOnClassesThat(resideInAnyPackage(others))
        .because("services share topics, stores and HTTP APIs only");
  }

  private static ArchRule noCycles(String root) {
    return slices()
        .matching(root + ".(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .because("packages that need each other are one package");
  }

  private static ArchRule names(String root) {
    return noClasses()
        .that(anyClass(root))
        .should()
        .haveNameMatching(BAD_NAMES)
        .because("a name says what the class is, not that it is useful");
  }

  private static ArchRule noHiddenClock(String root, DescribedPredicate<JavaClass> where) {
    return noClasses()
        .that(where)
        .should(CallOfClockOrChance.INSTANCE)
        .because(
            "time and chance come in from outside: inject java.time.InstantSource, seed every"
                + " Random ("
                + root
                + ")");
  }

  private static ArchRule nullMarked(String root) {
    return classes()
        .that(anyClass(root).and(not(packageInfo())))
        .should(LiveInANullMarkedPackage.INSTANCE)
        .because("every package has a package-info.java with @NullMarked and its purpose");
  }

  private static DescribedPredicate<JavaClass> feature(String root) {
    return anyClass(root)
        .and(not(inRoom(root, "topology")))
        .and(not(inRoom(root, "adapter")))
        .and(not(inRoom(root, "wiring")))
        .as("are features of " + root);
  }

  private static DescribedPredicate<JavaClass> inRoom(String root, String room) {
    return resideInAnyPackage(root + "." + room + "..").as("are in " + root + "." + room);
  }

  private static DescribedPredicate<JavaClass> anyClass(String root) {
    return resideInAnyPackage(root + "..").as("are in " + root);
  }

  private static DescribedPredicate<JavaClass> in(List<String> packages) {
    return resideInAnyPackage(packages.toArray(String[]::new));
  }

  private static DescribedPredicate<JavaClass> primitive() {
    return describe("are primitive", type -> type.getBaseComponentType().isPrimitive());
  }

  private static DescribedPredicate<JavaClass> packageInfo() {
    return describe("are package-info", type -> type.getSimpleName().equals("package-info"));
  }

  private static String key(String packages) {
    return switch (packages) {
      case "ai.djl.." -> "djl";
      case "io.lettuce.." -> "redis";
      case "com.datastax.." -> "cassandra";
      default -> "spring";
    };
  }
}
