// SPDX-License-Identifier: Apache-2.0
package io.millrace.validator.report;

import static io.millrace.validator.data.ColumnSchema.Type.STRING;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.common.contract.DataVerdict;
import io.millrace.common.contract.SkewJudged;
import io.millrace.features.definition.EventSchema;
import io.millrace.stats.profile.DatasetProfile;
import io.millrace.testkit.sketch.RepeatableSketches;
import io.millrace.validator.data.ColumnSchema;
import io.millrace.validator.data.RowRules;
import io.millrace.validator.data.SpanSchema;
import io.millrace.validator.data.SpanStatistics;
import io.millrace.validator.data.SpanView;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

@ExtendWith(RepeatableSketches.class)
final class SpanReportTest {
  private static final long DAY_MS = 86_400_000;
  private static final RowRules NO_RULES = RowRules.of(null, new EventSchema(Map.of(), true));

  private static DatasetProfile shop(long seed, int rows, double priceFactor) {
    SplittableRandom random = new SplittableRandom(seed);
    SpanStatistics statistics = new SpanStatistics();
    for (int i = 0; i < rows; i++) {
      Map<String, Object> row = new HashMap<>();
      row.put("price", priceFactor * Math.exp(2 + 0.6 * random.nextGaussian()));
      row.put("quantity", 1L + random.nextInt(9));
      row.put("country", random.nextInt(3) == 0 ? "Norway" : "United Kingdom");
      row.put("item", "sku-" + random.nextInt(400));
      row.put("gift", random.nextBoolean());
      row.put("weight", random.nextInt(10) == 0 ? (Object) Double.NaN : random.nextDouble());
      if (random.nextInt(4) > 0) {
        row.put("note", "n" + random.nextInt(50));
      }
      statistics.add(i, 0, row, NO_RULES, null);
    }
    return statistics.profile();
  }

  private static DataVerdict verdict(int day, long rows, DataVerdict.Anomaly... anomalies) {
    boolean bad = Arrays.stream(anomalies).anyMatch(each -> each.severity().equals("ERROR"));
    return new DataVerdict(
        "retail",
        "order_line",
        Instant.ofEpochMilli(day * DAY_MS).toString(),
        day * DAY_MS,
        (day + 1) * DAY_MS,
        rows,
        bad ? DataVerdict.Status.BAD : DataVerdict.Status.GOOD,
        3,
        List.of(anomalies),
        Map.of(),
        (day + 2) * DAY_MS);
  }

  private static final SkewJudged SKEWED =
      new SkewJudged(
          "retail",
          "order_line",
          "s",
          0,
          1,
          "d1",
          900,
          800,
          700,
          40,
          SkewJudged.Status.SKEWED,
          List.of("40 of 700 predictions"),
          List.of(new SkewJudged.Feature("event.<x>", 700, 40, 2.5, List.of("p17"))),
          List.of(),
          2);

  private static SpanView view(
      DataVerdict verdict,
      @Nullable DatasetProfile statistics,
      @Nullable DatasetProfile reference) {
    List<DataVerdict> around = new ArrayList<>();
    for (int day = 0; day < 30; day++) {
      around.add(verdict(day, 800 + 60L * (day % 7)));
    }
    around.add(verdict);
    ColumnSchema price = column(ColumnSchema.Type.FLOAT).withRange(0.0, 90.0);
    Map<String, ColumnSchema> columns =
        Map.of("price", price, "at", column(ColumnSchema.Type.TIME), "item", column(STRING));
    SpanSchema schema = new SpanSchema("order_line", 3, "", List.of(), columns, null, null);
    return new SpanView(verdict, statistics, schema, reference, reference == null ? 0 : 7, around);
  }

  private static ColumnSchema column(ColumnSchema.Type type) {
    return ColumnSchema.ofLearned(type, 0, Map.of());
  }

  /** Moments and names differ from those before by nature: that is not shouted. */
  @Test
  void html_columnsThatRenewThemselves_areNotCalledDifferent() throws Exception {
    DatasetProfile before = new DatasetProfile();
    DatasetProfile now = new DatasetProfile();
    for (int i = 0; i < 600; i++) {
      before.update(Map.of("at", 1_000L + i, "item", "old-" + i % 30));
      now.update(Map.of("at", 9_000L + i, "item", "new-" + i % 30));
    }
    Document page = parsed(SpanReport.html(view(verdict(30, 600), now, before), null));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("not compared: moments move on", "new values are its nature: distance 0.9")
        .doesNotContain("differs");
  }

  /** The report does not judge a second time: the verdict knows how far good spans are apart. */
  @Test
  void html_columnThatDiffers_isCalledSoWhereTheVerdictDoes() throws Exception {
    DatasetProfile before = new DatasetProfile();
    DatasetProfile now = new DatasetProfile();
    for (int i = 0; i < 600; i++) {
      before.update(Map.of("item", "i" + i % 30, "flag", i % 2 == 0));
      now.update(Map.of("item", "i" + i % 20, "flag", i % 3 == 0));
    }
    DataVerdict.Anomaly told =
        new DataVerdict.Anomaly(
            "item", "COMPARATOR_L_INFTY_HIGH", "WARNING", "far", "near", "'item' is different");
    Document quiet = parsed(SpanReport.html(view(verdict(30, 600), now, before), null));
    assertThat(quiet.getDocumentElement().getTextContent())
        .contains(
            "new values are its nature: distance", "no further than good spans are apart: distance")
        .doesNotContain("differs");
    Document loud = parsed(SpanReport.html(view(verdict(30, 600, told), now, before), null));
    assertThat(loud.getDocumentElement().getTextContent())
        .contains("differs: distance", "no further than good spans are apart: distance")
        .doesNotContain("new values are its nature");
  }

  private static Document parsed(String html) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(new InputSource(new StringReader(html)));
  }

  private static List<Element> all(Document page, String tag) {
    NodeList nodes = page.getElementsByTagName(tag);
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      found.add((Element) nodes.item(i));
    }
    return found;
  }

  @Test
  void html_badSpan_saysWhatIsWrongFirst() throws Exception {
    DataVerdict.Anomaly unit =
        new DataVerdict.Anomaly(
            "price",
            "UNIT_CHANGE",
            "ERROR",
            "×100 maps the last good spans on this one",
            "the unit of the last good spans",
            "'price' looks as if its unit had changed: ×100");
    DataVerdict.Anomaly missing =
        new DataVerdict.Anomaly(
            "note", "FEATURE_TYPE_LOW_FRACTION_PRESENT", "WARNING", "25 %", "20 %", "missing");
    String html =
        SpanReport.html(
            view(verdict(30, 900, missing, unit), shop(2, 900, 100), shop(1, 6_000, 1)), null);
    Document page = parsed(html);
    Element first = all(page, "table").getFirst();
    assertThat(first.getTextContent()).contains("ERROR", "×100", "WARNING");
    assertThat(first.getTextContent().indexOf("ERROR"))
        .isLessThan(first.getTextContent().indexOf("WARNING"));
    List<Element> sections = all(page, "section");
    assertThat(sections).hasSize(7);
    // The columns with findings come first, and every finding leads to its column.
    assertThat(sections.get(0).getTextContent()).startsWith("price float").contains("differs");
    assertThat(sections.get(1).getTextContent()).startsWith("note").contains("not in the schema");
    assertThat(sections).allMatch(each -> each.getElementsByTagName("svg").getLength() == 1);
    assertThat(all(page, "a").getFirst().getAttribute("href"))
        .isEqualTo("#" + sections.get(0).getAttribute("id"));
    assertThat(page.getElementsByTagName("b").item(0).getTextContent()).isEqualTo("BAD");
    // Nothing is loaded from elsewhere and nothing runs.
    assertThat(html).doesNotContain("<script", "http:", "https:", "<link", "url(", "<img");
    // Look at it: a person is to read this.
    Path file = Path.of("target", "span-report.html");
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, html);
  }

  @Test
  void html_cleanSpanWithoutReference_saysSo() throws Exception {
    Document page = parsed(SpanReport.html(view(verdict(30, 900), shop(2, 900, 1), null), null));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("Nothing was found")
        .doesNotContain("good spans before", "against before");
  }

  @Test
  void html_statisticsForgotten_verdictRemains() throws Exception {
    Document page = parsed(SpanReport.html(view(verdict(30, 900), null, null), SKEWED));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("no longer kept", "Training and serving: skewed", "event.<x>", "p17");
  }

  @Test
  void html_spanWithoutRows_saysWhetherThatIsUsualAndIsSeenAmongItsNeighbours() throws Exception {
    Document usual = parsed(SpanReport.html(view(verdict(30, 0), null, null), null));
    assertThat(usual.getDocumentElement().getTextContent())
        .contains("No row came, and at this time that is usual", "there are no columns to show")
        .doesNotContain("Nothing was found", "no longer kept");
    DataVerdict.Anomaly outage =
        new DataVerdict.Anomaly(
            null, "NO_DATA_IN_SPAN", "ERROR", "no row in 1 span", "rows", "no rows came");
    Document bad = parsed(SpanReport.html(view(verdict(30, 0, outage), null, null), null));
    assertThat(bad.getDocumentElement().getTextContent())
        .contains("no row in 1 span", "1970-01-31T00:00:00Z to 1970-02-01T00:00:00Z: 0 rows, BAD")
        .doesNotContain("that is usual");
    Element bar = all(bad, "rect").getLast();
    assertThat(bar.getAttribute("class")).isEqualTo("bad here");
    assertThat(Double.parseDouble(bar.getAttribute("height"))).isGreaterThanOrEqualTo(4);
  }

  @Test
  void html_silence_saysHowFarEventsHaveCome() throws Exception {
    DataVerdict silence =
        new DataVerdict(
            "retail",
            "order_line",
            DataVerdict.SILENCE,
            DAY_MS,
            DAY_MS,
            0,
            DataVerdict.Status.GOOD,
            0,
            List.of(),
            Map.of(),
            3 * DAY_MS);
    SpanView view = new SpanView(silence, null, null, null, 0, List.of());
    assertThat(parsed(SpanReport.html(view, null)).getDocumentElement().getTextContent())
        .contains("events have come as far as 1970-01-02T00:00:00Z", "Rows come again.");
  }

  @Test
  void html_valuesThatAreMarkup_areText() throws Exception {
    String attack = "<script>alert('x')</script>\"&\u0000\u001b\uD800";
    DatasetProfile hostile = new DatasetProfile();
    for (int i = 0; i < 50; i++) {
      hostile.update(Map.of(attack, attack + i % 3, "list", List.of(1, attack)));
    }
    DataVerdict.Anomaly finding =
        new DataVerdict.Anomaly(attack, attack, "WARNING", attack, attack, attack);
    String html = SpanReport.html(view(verdict(30, 50, finding), hostile, hostile), null);
    assertThat(html).doesNotContain("<script", "\u0000", "\u001b");
    assertThat(parsed(html).getDocumentElement().getTextContent()).contains("<script>alert('x')");
  }

  /** Each odd column has a picture or says why not, alone and against each other one. */
  @Test
  void html_oddColumns_stillAPage() throws Exception {
    List<DatasetProfile> odd = new ArrayList<>();
    odd.add(new DatasetProfile());
    for (List<?> values :
        List.of(
            List.of(Double.NaN, 1 / 0.0, -1 / 0.0),
            List.of(1e308, -1e308, 3),
            List.of(Double.MIN_VALUE, 0.0),
            List.of(5, 5, 5),
            List.of("x".repeat(1 << 20), ""),
            List.of(true, 7, "text", List.of()))) {
      DatasetProfile profile = new DatasetProfile();
      for (int i = 0; i < 60; i++) {
        profile.update(Map.of("a", values.get(i % values.size())));
      }
      odd.add(profile);
    }
    DatasetProfile wideRange = new DatasetProfile();
    for (int i = 0; i < 600; i++) {
      wideRange.update(Map.of("a", Math.pow(10, i % 300 / 10.0)));
    }
    odd.add(wideRange);
    for (DatasetProfile current : odd) {
      for (DatasetProfile reference : odd) {
        String html = SpanReport.html(view(verdict(30, current.rows()), current, reference), null);
        assertThat(parsed(html).getDocumentElement()).isNotNull();
        assertThat(html).doesNotContain("NaN'", "Infinity");
      }
    }
  }

  @Test
  void html_tenThousandColumns_boundedPage() throws Exception {
    DatasetProfile wide = new DatasetProfile(1_000);
    Map<String, Object> row = new HashMap<>();
    for (int c = 0; c < 10_000; c++) {
      row.put("c" + c, c * 0.5);
    }
    for (int i = 0; i < 40; i++) {
      wide.update(row);
    }
    Document page = parsed(SpanReport.html(view(verdict(30, 40), wide, wide), null));
    assertThat(all(page, "section")).hasSize(SpanReport.MAX_COLUMNS);
    assertThat(page.getDocumentElement().getTextContent())
        .contains("800 more columns are not drawn", "of columns beyond the limit");
  }
}
