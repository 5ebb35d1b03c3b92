// SPDX-License-Identifier: Apache-2.0
package io.millrace.common.application;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationParserTest {
  static final String SHOP =
      """
      apiVersion: millrace/v1
      kind: Application
      metadata: {name: shop}
      events:
        view:
          time: {field: at}
          id: view_id
          schema:
            required: [user]
            properties:
              view_id: {type: string}
              at: {type: string}
              user: {type: string}
              price: {type: number, minimum: 0}
              mail: {type: string}
          personal: {mail: drop}
        order:
          time: {field: at, format: epoch_ms}
          schema:
            properties:
              at: {type: integer}
              user: {type: string}
              amount: {type: number}
      entities:
        user: {key: user}
      featureViews:
        views:
          source: view
          entity: user
          where: price > 0.0
          features:
            views_1d: {aggregate: count, window: 1d}
            price_7d: {aggregate: mean, of: price, window: 7d}
      label:
        name: orders
        decidedAt: view
        positive: {event: order, sameEntity: user, within: 1d}
      model:
        features: [views.*, event.price]
      gates: {auc: {atLeast: 0.6}, slices: [user]}
      rollout: {kind: canary, steps: [5%, 25%, 100%]}
      monitor: {window: 500 rows, retrain: {atMostEvery: 1d}}
      validation: {span: 2h}
      """;

  @Test
  void parse_wholeApplication_valid() {
    assertThat(parse(SHOP)).isInstanceOf(ParsedApplication.Valid.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"retail", "chicago-taxi", "electricity", "yarnit"})
  void parse_example_valid(String example) throws IOException {
    Path file =
        Path.of(System.getProperty("millrace.home"), "examples", example, "application.yaml");

    ParsedApplication parsed = ApplicationParser.parse(Files.readAllBytes(file));

    assertThat(parsed).isInstanceOf(ParsedApplication.Valid.class);
    assertThat(((ParsedApplication.Valid) parsed).definition().name()).isEqualTo(example);
  }

  @ParameterizedTest(name = "{0} -> {1}: {2} {3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name: shop                  | name: Shop!                  | metadata.name                         | pattern
          name: shop                  | name: millrace               | metadata.name                         | reserved
          name: shop                  | name: shop, nickname: s      | metadata.nickname                     | unknown-property
          id: view_id                 | id: nothing                  | events.view.id                        | unknown-field
          time: {field: at}           | time: {field: when}          | events.view.time.field                | unknown-field
          time: {field: at}           | time: {}                     | events.view.time                      | event-time
          time: {field: at}           | time: {field: at, zone: Mars/X} | events.view.time.zone              | zone
          format: epoch_ms            | format: HH:mm                | events.order.time.format              | time-format
          format: epoch_ms            | format: 'yyyy-qqq!{'         | events.order.time.format              | time-format
          required: [user]            | required: [usr]              | events.view.schema.required[0]        | unknown-field
          minimum: 0                  | minimun: 0                   | events.view.schema.properties.price.minimun | unknown-property
          minimum: 0                  | pattern: '['                 | events.view.schema.properties.price.pattern | pattern
          personal: {mail: drop}      | personal: {mail: hash}       | events.view.personal.mail             | enum
          personal: {mail: drop}      | personal: {fax: drop}        | events.view.personal.fax              | unknown-field
          personal: {mail: drop}      | personal: {user: pseudonymise} | events.order.personal               | personal
          personal: {mail: drop}      | personal: {user: drop}       | events.view                           | missing-key-field
          personal: {mail: drop}      | personal: {view_id: drop}    | events.view.id                        | personal
          user: {key: user}           | user: {key: usr}             | entities.user.key                     | unknown-field
          user: {key: user}           | user: {}                     | entities.user                         | entity-key
          user: {key: user}           | user: {key: [user, usr]}     | entities.user.key[1]                  | unknown-field
          user: {key: user}           | user: {key: [user, price]}   | events.order                          | missing-key-field
          user: {key: user}           | user: {key: [user, user]}    | entities.user.key                     | uniqueItems
          user: {key: user}           | user: {key: []}              | entities.user.key                     | minItems
          user: {key: user}           | user: {key: [a, b, c, d, e, f, g, h, i]} | entities.user.key         | maxItems
          user: {key: user}           | user: {key: [user, 7]}       | entities.user.key[1]                  | type
          user: {key: user}           | user: {key: {user: 1}}       | entities.user.key                     | type
          user: {key: user}           | user: {key: ''}              | entities.user.key                     | pattern
          source: view                | source: visit                | featureViews.views.source             | unknown-event
          entity: user                | entity: usr                  | featureViews.views.entity             | unknown-entity
          decidedAt: view             | decidedAt: visit             | label.decidedAt                       | unknown-event
          sameEntity: user            | sameEntity: usr              | label.positive.sameEntity             | unknown-entity
          sameEntity: user            | on: mail                     | label.positive.on                     | unknown-field
          within: 1d                  | within: 30                   | label.positive.within                 | type
          within: 1d                  | within: 30 days              | label.positive.within                 | duration
          within: 1d                  | within: 0s                   | label.positive.within                 | duration
          within: 1d                  | within: 1d, after: 2d        | label.positive.after                  | label
          [views.*, event.price]      | [visits.*]                   | model.features[0]                     | unknown-view
          [views.*, event.price]      | [views.clicks]               | model.features[0]                     | unknown-feature
          [views.*, event.price]      | [event.cost]                 | model.features[0]                     | unknown-field
          [views.*, event.price]      | [event.mail]                 | model.features[0]                     | unknown-field
          [views.*, event.price]      | [price]                      | model.features[0]                     | input
          event.price]                | event.price], algorithm: {kind: svm} | model.algorithm.kind          | enum
          slices: [user]              | slices: [country]            | gates.slices[0]                       | unknown-field
          [5%, 25%, 100%]             | [25%, 5%]                    | rollout.steps[1]                      | steps
          window: 500 rows            | window: 500                  | monitor.window                        | type
          window: 500 rows            | window: many rows            | monitor.window                        | rows
          window: 500 rows            | window: 7d                   | monitor.window                        | rows
          window: 500 rows            | 'window: 500 rows, detector: sprt' | monitor.detector                | enum
          where: price > 0.0          | where: price >               | featureViews.views.where              | feature
          where: price > 0.0          | where: cost > 0.0            | featureViews.views.where              | feature
          where: price > 0.0          | where: price                 | featureViews.views.where              | feature
          aggregate: mean, of: price  | aggregate: avg, of: price    | featureViews.views.features.price_7d.aggregate | feature
          of: price, window: 7d       | of: price, window: 0s        | featureViews.views.features.price_7d.window | feature
          aggregate: mean, of: price  | aggregate: quantile, q: 1.5, of: price | featureViews.views.features.price_7d.q | maximum
          aggregate: mean, of: price  | aggregate: quantile, of: price | featureViews.views.features.price_7d.q | feature
          of: price, window: 7d       | of: price, window: 7         | featureViews.views.features.price_7d.window | type
          of: price, window: 7d       | of: price, window: '7'       | featureViews.views.features.price_7d.window | feature
          of: price, window: 7d       | of: prize, window: 7d        | featureViews.views.features.price_7d.of | feature
          within: 1d                  | within: 1d, where: amount +  | label.positive.where                  | expression
          within: 1d                  | within: 1d, where: amount    | label.positive.where                  | type
          event.price]                | event.price], heuristics: {h: views.nothing} | model.heuristics.h   | expression
          event.price]                | derived.nothing]             | model.features[1]                     | unknown-derived-feature
          event.price]                | event.price], derivedFeatures: {d: views.nothing} | derivedFeatures.d | expression
          event.price]                | event.price], derivedFeatures: {d: derived.d + 1.0} | derivedFeatures.d | expression
          event.price]                | event.price], heuristics: {h: event.user}  | model.heuristics.h     | type
          span: 2h                    | span: 2h, rules: {cheap: price < 9.0 && nothing} | validation.rules.cheap | expression
          span: 2h                    | span: 2h, rules: {cheap: price + 1.0} | validation.rules.cheap       | type
          positive: {event: order, sameEntity: user, within: 1d} | value: price > 1.0 | model.features[1]     | label-leak
          positive: {event: order, sameEntity: user, within: 1d} | value: user        | label.value           | type
          positive: {event: order, sameEntity: user, within: 1d} | 'value: price > 1.0, seesEvent: true' | label.seesEvent | label-leak
          span: 2h                    | span: 2x                     | validation.span                       | duration
          span: 2h                    | 'span: 2h, events: {view: {freshness: 15x}}' | validation.events.view.freshness | duration
          span: 2h                    | 'span: 2h, events: {view: {jump: 1}}' | validation.events.view.jump | exclusiveMinimum
          """)
  void parse_oneMistake_namesPathAndRule(String right, String wrong, String path, String rule) {
    String broken = brokenFlow(right, wrong);
    assertThat(broken).isNotEqualTo(SHOP);

    assertThat(problems(broken))
        .extracting(DefinitionProblem::path, DefinitionProblem::rule)
        .contains(org.assertj.core.groups.Tuple.tuple(path, rule));
  }

  @Test
  void parse_manyMistakes_reportsThemAllAtOnce() {
    String broken =
        SHOP.replace("name: shop", "name: shop, nickname: s")
            .replace("source: view", "source: visit")
            .replace("within: 1d", "within: soon")
            .replace("span: 2h", "span: x");

    assertThat(problems(broken))
        .extracting(DefinitionProblem::path)
        .containsExactlyInAnyOrder(
            "metadata.nickname",
            "featureViews.views.source",
            "label.positive.within",
            "validation.span");
  }

  @Test
  void parse_missingParts_namesEach() {
    assertThat(problems("{\"apiVersion\": \"millrace/v1\", \"metadata\": {}}"))
        .extracting(DefinitionProblem::path, DefinitionProblem::rule)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("kind", "required"),
            org.assertj.core.groups.Tuple.tuple("events", "required"),
            org.assertj.core.groups.Tuple.tuple("metadata.name", "required"));
  }

  @Test
  void parse_yamlSyntaxError_namesLineAndColumn() {
    List<DefinitionProblem> problems = problems("apiVersion: millrace/v1\nkind: [a, b\n");

    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.path()).startsWith("line ");
              assertThat(problem.rule()).isEqualTo("malformed");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  \n",
        "{\"a\": 1, \"a\": 2}",
        "{\"a\":",
        "a: 1\na: 2\n",
        "- 1\n",
        "just text"
      })
  void parse_noApplication_invalid(String text) {
    assertThat(problems(text)).isNotEmpty();
  }

  @Test
  void parse_invalidUtf8_saysSo() {
    byte[] bytes = SHOP.getBytes(StandardCharsets.UTF_8);
    bytes[40] = (byte) 0xff;

    assertThat(((ParsedApplication.Invalid) ApplicationParser.parse(bytes)).problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.rule()).isEqualTo("encoding"));
  }

  @Test
  void parse_aliasBomb_isRefusedQuickly() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      String before = "*a" + (i - 1);
      bomb.append(
          "a%d: &a%d [%s]\n"
              .formatted(i, i, String.join(", ", java.util.Collections.nCopies(10, before))));
    }

    assertThat(problems(bomb.toString()))
        .singleElement()
        .satisfies(problem -> assertThat(problem.rule()).isEqualTo("too-large"));
  }

  @Test
  void parse_deepNesting_isRefused() {
    assertThat(problems("[".repeat(5000) + "]".repeat(5000))).isNotEmpty();
    assertThat(problems("{\"a\":".repeat(600) + "1" + "}".repeat(600))).isNotEmpty();
  }

  @Test
  void parse_moreThanOneMegabyte_isRefused() {
    assertThat(problems(SHOP + "# ".repeat(600_000)))
        .singleElement()
        .satisfies(problem -> assertThat(problem.rule()).isEqualTo("too-large"));
  }

  @Test
  void parse_documentedApplication_needsOwnerAndMeaningOfEveryFeature() {
    String application =
        """
        apiVersion: millrace/v1
        kind: Application
        metadata: {name: a, documented: true%s}
        events: {e: {time: {field: t}, schema: {infer: true}}}
        entities: {k: {key: k}}
        featureViews:
          v: {source: e, entity: k, %s features: {n: {aggregate: count%s}, m: {aggregate: count, description: How many.}}}
        """;

    assertThat(problems(application.formatted("", "", "")))
        .extracting(DefinitionProblem::path)
        .containsExactlyInAnyOrder("featureViews.v.owner", "featureViews.v.features.n.description");
    assertThat(problems(application.formatted(", owner: us", "description: Of e.,", ""))).isEmpty();
    assertThat(problems(application.formatted("", "owner: us,", ", description: Of e."))).isEmpty();
    assertThat(problems(application.formatted("", "", "").replace("documented: true", "owner: us")))
        .isEmpty();
  }

  @Test
  void parse_freshnessThatIsNoDuration_isRefused() {
    assertThat(
            problems(
                """
                apiVersion: millrace/v1
                kind: Application
                metadata: {name: a}
                events: {e: {time: {field: t}, schema: {infer: true}}}
                entities: {k: {key: k}}
                featureViews:
                  v: {source: e, entity: k, freshness: 0s, features: {n: {aggregate: count}}}
                """))
        .extracting(DefinitionProblem::path)
        .containsExactly("featureViews.v.freshness");
  }

  @Test
  void hash_sameContentInOtherOrderAndSyntax_isEqual() {
    String json =
        """
        {"kind": "Application", "apiVersion": "millrace/v1", "metadata": {"name": "a"},
         "events": {"e": {"schema": {"infer": true}, "time": {"field": "t"}}}}
        """;
    String yaml =
        """
        apiVersion: millrace/v1
        kind: Application
        metadata: {name: a}
        events: {e: {time: {field: t}, schema: {infer: true}}}
        """;

    assertThat(valid(json).hash()).isEqualTo(valid(yaml).hash()).hasSize(64);
    assertThat(valid(yaml.replace("field: t", "field: u")).hash()).isNotEqualTo(valid(yaml).hash());
  }

  private static String brokenFlow(String right, String wrong) {
    // The model's and the label's parts stand on lines of their own.
    String text =
        wrong
            .replace("], algorithm", "]\n  algorithm")
            .replace("], heuristics", "]\n  heuristics")
            .replace("], derivedFeatures", "]\nderivedFeatures")
            .replace(", seesEvent", "\n  seesEvent");
    return SHOP.replaceFirst(Pattern.quote(right), Matcher.quoteReplacement(text));
  }

  private static ParsedApplication parse(String text) {
    return ApplicationParser.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  private static ParsedApplication.Valid valid(String text) {
    return (ParsedApplication.Valid) parse(text);
  }

  static List<DefinitionProblem> problems(String text) {
    return parse(text) instanceof ParsedApplication.Invalid invalid
        ? invalid.problems()
        : List.of();
  }
}
