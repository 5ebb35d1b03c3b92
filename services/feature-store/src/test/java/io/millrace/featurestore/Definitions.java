// SPDX-License-Identifier: Apache-2.0
package io.millrace.featurestore;

import io.millrace.common.contract.Event;
import io.millrace.common.definition.ApplicationDefinition;
import io.millrace.common.definition.EntityDefinition;
import io.millrace.common.definition.EventDefinition;
import io.millrace.common.definition.LabelDefinition;
import io.millrace.common.definition.ModelDefinition;
import io.millrace.common.definition.TimeDefinition;
import io.millrace.features.definition.FeatureDefinition;
import io.millrace.features.definition.FeatureViewDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Applications and events for tests. */
public final class Definitions {
  public static final long HOUR = 3_600_000;
  public static final long T0 = 1_767_225_600_000L;

  private Definitions() {}

  private static EventDefinition event(String key, Map<String, String> fields) {
    Map<String, Object> properties = new LinkedHashMap<>();
    fields.forEach((name, type) -> properties.put(name, Map.of("type", type)));
    return new EventDefinition(
        null,
        new TimeDefinition("at", "epoch_ms", null, null),
        "id",
        key,
        "10m",
        Map.of("type", "object", "properties", properties),
        Map.of());
  }

  /**
   * A shop: impressions of items to users, clicks on impressions; does an impression get a click?
   */
  public static ApplicationDefinition shop(String app) {
    return shop(app, shopLabel("30m"), "1h");
  }

  public static LabelDefinition shopLabel(String within) {
    return new LabelDefinition(
        "clicked",
        "impression",
        new LabelDefinition.Positive("click", null, "impressionId", null, within, null),
        null,
        null,
        null,
        null);
  }

  /** A shop with another label and another window of one feature. */
  public static ApplicationDefinition shop(
      String app, @Nullable LabelDefinition label, String window) {
    Map<String, EventDefinition> events = new LinkedHashMap<>();
    Map<String, String> impression = new LinkedHashMap<>();
    impression.put("impressionId", "string");
    impression.put("user", "string");
    impression.put("item", "string");
    impression.put("position", "integer");
    impression.put("price", "number");
    events.put("impression", event("user", impression));
    Map<String, String> click = new LinkedHashMap<>();
    click.put("impressionId", "string");
    click.put("user", "string");
    click.put("item", "string");
    events.put("click", event("user", click));
    Map<String, EntityDefinition> entities = new LinkedHashMap<>();
    entities.put("user", new EntityDefinition("user", null, null));
    entities.put("item", new EntityDefinition("item", null, null));
    Map<String, FeatureViewDefinition> views = new LinkedHashMap<>();
    views.put(
        "user_impressions",
        view(
            "impression",
            "user",
            Map.of(
                "n_1h", FeatureDefinition.of("count", null, window),
                "price_mean_1d", FeatureDefinition.of("mean", "price", "1d"),
                "price_sum_1d", FeatureDefinition.of("sum", "price", "1d"),
                "last_item", FeatureDefinition.of("last", "item", null))));
    views.put(
        "item_impressions",
        view(
            "impression",
            "item",
            Map.of(
                "n_1h", FeatureDefinition.of("count", null, "1h"),
                "price_max_1d", FeatureDefinition.of("max", "price", "1d"))));
    views.put(
        "item_clicks",
        view("click", "item", Map.of("n_1h", FeatureDefinition.of("count", null, "1h"))));
    return new ApplicationDefinition(
        "millrace/v1",
        "Application",
        new ApplicationDefinition.Metadata(app, "team", null),
        events,
        entities,
        views,
        Map.of("click_rate", "item_clicks.n_1h / (1.0 + item_impressions.n_1h)"),
        label,
        new ModelDefinition(
            "binary",
            List.of(
                "user_impressions.*",
                "item_impressions.*",
                "item_clicks.*",
                "derived.click_rate",
                "event.position"),
            null,
            null,
            null,
            Map.of("popular", "item_clicks.n_1h / (1.0 + item_impressions.n_1h)")),
        null,
        null,
        null,
        null);
  }

  private static FeatureViewDefinition view(
      String source, String entity, Map<String, FeatureDefinition> features) {
    return new FeatureViewDefinition(
        source, entity, null, new TreeMap<>(features), "about " + source, null);
  }

  /** Impressions and clicks with these views, and nothing made of them. */
  public static ApplicationDefinition only(String app, Map<String, FeatureViewDefinition> views) {
    ApplicationDefinition shop = shop(app);
    return new ApplicationDefinition(
        shop.apiVersion(),
        shop.kind(),
        shop.metadata(),
        shop.events(),
        shop.entities(),
        views,
        Map.of(),
        null,
        null,
        null,
        null,
        null,
        null);
  }

  /** A feature that keeps up to so many values. */
  public static FeatureDefinition bounded(
      String aggregate, String of, @Nullable String window, int n) {
    return new FeatureDefinition(
        aggregate, of, null, window, null, null, n, null, null, null, null, null);
  }

  /** Does a customer order again, between 1 hour and 10 hours after an order? */
  public static ApplicationDefinition reorders(String app) {
    Map<String, String> line = new LinkedHashMap<>();
    line.put("customer", "string");
    line.put("amount", "number");
    return new ApplicationDefinition(
        "millrace/v1",
        "Application",
        new ApplicationDefinition.Metadata(app, null, null),
        Map.of("order", event("customer", line)),
        Map.of("customer", new EntityDefinition("customer", null, null)),
        Map.of(
            "spend",
            view(
                "order",
                "customer",
                Map.of("sum_10h", FeatureDefinition.of("sum", "amount", "10h")))),
        Map.of(),
        new LabelDefinition(
            "again",
            "order",
            new LabelDefinition.Positive("order", "customer", null, null, "10h", "1h"),
            null,
            null,
            null,
            null),
        null,
        null,
        null,
        null,
        null);
  }

  public static Event impression(
      String app, String id, String user, String item, long timeMs, double price) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("impressionId", id);
    data.put("user", user);
    data.put("item", item);
    data.put("position", (long) (price * 7) % 5);
    data.put("price", price);
    return new Event(app, "impression", id, user, timeMs, timeMs + 5, data);
  }

  public static Event click(
      String app, String id, String impressionId, String user, String item, long timeMs) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("impressionId", impressionId);
    data.put("user", user);
    data.put("item", item);
    return new Event(app, "click", id, user, timeMs, timeMs + 5, data);
  }

  public static Event order(String app, String id, String customer, long timeMs, double amount) {
    return new Event(
        app, "order", id, customer, timeMs, timeMs, Map.of("customer", customer, "amount", amount));
  }

  /** The same with a view whose features are published as of each event. */
  public static ApplicationDefinition emitting(ApplicationDefinition of, String view) {
    Map<String, FeatureViewDefinition> views = new LinkedHashMap<>(of.featureViews());
    views.computeIfPresent(
        view,
        (name, former) ->
            new FeatureViewDefinition(
                former.source(),
                former.entity(),
                former.where(),
                former.features(),
                former.description(),
                former.owner(),
                former.freshness(),
                true));
    return withViews(of, views);
  }

  /** The same with one view more, which counts the items that a user was shown. */
  public static ApplicationDefinition withUserItems(ApplicationDefinition of, String window) {
    Map<String, FeatureViewDefinition> views = new LinkedHashMap<>(of.featureViews());
    views.put(
        "user_items",
        new FeatureViewDefinition(
            "impression",
            "user",
            null,
            Map.of("items", FeatureDefinition.of("count_distinct", "item", window)),
            "items shown",
            null));
    return withViews(of, views);
  }

  /** The same with other views. */
  public static ApplicationDefinition withViews(
      ApplicationDefinition of, Map<String, FeatureViewDefinition> views) {
    return new ApplicationDefinition(
        of.apiVersion(),
        of.kind(),
        of.metadata(),
        of.events(),
        of.entities(),
        views,
        of.derivedFeatures(),
        of.label(),
        of.model(),
        of.gates(),
        of.rollout(),
        of.monitor(),
        of.validation());
  }
}
