// SPDX-License-Identifier: Apache-2.0
package io.millrace.inference.model;

import io.millrace.common.contract.ModelVersionChanged;
import io.millrace.common.contract.ModelVersionChanged.Status;
import io.millrace.models.InvalidPackageException;
import io.millrace.models.LoadedModel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the versions that may serve loaded, and the route of each application up to date. A new
 * champion takes over only once it is loaded and has answered its own input example; until then the
 * former one goes on, so that there is no gap. Where a champion's package is broken and no former
 * one is at hand (after a restart), the last champion that can be loaded stands in. Thread-safe.
 */
public final class ModelDirectory implements AutoCloseable {
  /** A blessed version waits loaded for its promotion; older blessed ones are not kept. */
  private static final int BLESSED_KEPT = 2;

  private static final Logger LOG = LoggerFactory.getLogger(ModelDirectory.class);

  private final ModelSource source;
  private final ScheduledExecutorService loader;
  private final Duration retryAfter;
  private final Map<String, Application> applications = new HashMap<>();

  /**
   * @param loader runs downloads and loading; one thread is enough
   * @param retryAfter pause before a failed download is tried again
   */
  public ModelDirectory(ModelSource source, ScheduledExecutorService loader, Duration retryAfter) {
    this.source = source;
    this.loader = loader;
    this.retryAfter = retryAfter;
  }

  /** Takes a record of {@code <app>.models}. */
  public synchronized void accept(ModelVersionChanged change) {
    Application application = application(change.app());
    application.states.put(change.version(), change);
    loadWanted(change.app(), application);
    application.refresh();
  }

  private void loadWanted(String app, Application application) {
    for (String version : application.wanted()) {
      if (!application.loaded.containsKey(version) && application.loading.add(version)) {
        loader.execute(() -> load(app, version));
      }
    }
  }

  /** Every version that the application had when this service started has been accepted. */
  public synchronized void caughtUp(String app) {
    application(app).caughtUp = true;
  }

  /** Whether an application has a model that answers, and if not, why. */
  public sealed interface Standing {
    /**
     * @param champion answers
     */
    record Serving(ServedVersion champion) implements Standing {}

    /** Since the service started its versions have not been read to their end. */
    record Unread() implements Standing {}

    /**
     * A champion is promoted, but not loaded.
     *
     * @param failure why the last try failed; null during the first
     */
    record Loading(String version, @Nullable String failure) implements Standing {}

    /** No version has been promoted. */
    record NoChampion() implements Standing {}
  }

  /** How an application stands at this moment. */
  public synchronized Standing standing(String app) {
    Application application = applications.get(app);
    if (application == null) {
      return new Standing.Unread();
    }
    ServedVersion champion = application.route.champion();
    if (champion != null) {
      return new Standing.Serving(champion);
    }
    String declared = application.declaredChampion();
    if (declared != null) {
      return new Standing.Loading(declared, application.failures.get(declared));
    }
    return application.caughtUp ? new Standing.NoChampion() : new Standing.Unread();
  }

  /** Forgets an application and unloads its versions. */
  public synchronized void forget(String app) {
    Application application = applications.remove(app);
    if (application != null) {
      application.loaded.values().forEach(ServedVersion::release);
    }
  }

  /** The route in force, to look at; who scores takes a {@link #lease}. */
  public synchronized Route route(String app) {
    Application application = applications.get(app);
    return application == null ? Route.NONE : application.route;
  }

  /** The route in force, its versions kept in memory until the lease is closed. */
  public synchronized Lease lease(String app) {
    return new Lease(route(app));
  }

  /** A version by its number, kept in memory until the lease is closed, as champion of a route. */
  public synchronized Optional<Lease> lease(String app, String version) {
    return version(app, version).map(each -> new Lease(new Route(each, null, 0, List.of())));
  }

  /** A route whose versions stay loaded, whatever the directory unloads meanwhile. */
  public static final class Lease implements AutoCloseable {
    private final Route route;

    private Lease(Route route) {
      this.route = route;
      route.versions().forEach(ServedVersion::hold);
    }

    public Route route() {
      return route;
    }

    /** Call once. */
    @Override
    public void close() {
      route.versions().forEach(ServedVersion::release);
    }
  }

  /** Whether some version has been promoted to champion, loaded here or not. */
  public synchronized boolean hasChampion(String app) {
    Application application = applications.get(app);
    return application != null && application.declaredChampion() != null;
  }

  /** A loaded version by its number. */
  public synchronized Optional<ServedVersion> version(String app, String version) {
    Application application = applications.get(app);
    return application == null
        ? Optional.empty()
        : Optional.ofNullable(application.loaded.get(version));
  }

  /** Every version that was heard of, with its status and whether it is loaded. */
  public synchronized List<VersionView> versions(String app) {
    Application application = applications.get(app);
    if (application == null) {
      return List.of();
    }
    ServedVersion champion = application.route.champion();
    List<VersionView> views = new ArrayList<>();
    application.states.forEach(
        (version, state) ->
            views.add(
                new VersionView(
                    version,
                    state.status(),
                    application.loaded.containsKey(version),
                    champion != null && champion.version().equals(version),
                    application.failures.get(version))));
    return views;
  }

  /**
   * One line of {@code /serving}.
   *
   * @param failure why it could not be loaded
   */
  public record VersionView(
      String version, Status status, boolean loaded, boolean answering, @Nullable String failure) {}

  private Application application(String app) {
    return applications.computeIfAbsent(app, ignored -> new Application());
  }

  private void load(String app, String version) {
    ModelVersionChanged state;
    synchronized (this) {
      Application application = applications.get(app);
      if (application == null || !application.wanted().contains(version)) {
        if (application != null) {
          application.loading.remove(version);
        }
        return;
      }
      state = application.state(version);
    }
    try {
      LoadedModel model = source.load(state);
      LOG.info("application {}: loaded model version {}", app, version);
      finished(app, version, new ServedVersion(version, model), null);
    } catch (InvalidPackageException e) {
      LOG.error("application {}: model version {} is not usable: {}", app, version, e.getMessage());
      finished(app, version, null, e.getMessage());
    } catch (IOException e) {
      LOG.warn("application {}: model version {} not yet here: {}", app, version, e.getMessage());
      synchronized (this) {
        Application application = applications.get(app);
        if (application == null) {
          return;
        }
        application.failures.put(version, String.valueOf(e.getMessage()));
      }
      loader.schedule(() -> load(app, version), retryAfter.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("application {}: model version {} failed to load", app, version, e);
      finished(app, version, null, String.valueOf(e));
    }
  }

  private synchronized void finished(
      String app, String version, @Nullable ServedVersion served, @Nullable String failure) {
    Application application = applications.get(app);
    if (application == null) {
      if (served != null) {
        served.release();
      }
      return;
    }
    if (served == null) {
      // Stays in `loading`, so that a broken package is not fetched again and again.
      application.failures.put(version, String.valueOf(failure));
      application.broken.add(version);
      loadWanted(app, application);
      return;
    }
    application.loading.remove(version);
    application.failures.remove(version);
    application.loaded.put(version, served);
    application.refresh();
  }

  @Override
  public synchronized void close() {
    loader.shutdownNow();
    applications.values().forEach(each -> each.loaded.values().forEach(ServedVersion::release));
    applications.clear();
  }

  /** The state of one application; guarded by the directory. */
  private static final class Application {
    private static final Comparator<ModelVersionChanged> BY_LAST_CHANGE =
        Comparator.comparingLong(
            each -> each.transitions().isEmpty() ? 0 : each.transitions().getLast().atMs());

    private final Map<String, ModelVersionChanged> states = new TreeMap<>();
    private final Map<String, ServedVersion> loaded = new LinkedHashMap<>();
    private final Map<String, String> failures = new HashMap<>();
    private final Set<String> loading = new HashSet<>();
    private final Set<String> broken = new HashSet<>();
    private Route route = Route.NONE;
    private boolean caughtUp;

    private ModelVersionChanged state(String version) {
      return Objects.requireNonNull(states.get(version), version);
    }

    private @Nullable String declaredChampion() {
      return latest(Status.CHAMPION, 1).stream().findFirst().orElse(null);
    }

    private List<String> latest(Status status, int limit) {
      return states.values().stream()
          .filter(each -> each.status() == status)
          .sorted(BY_LAST_CHANGE.reversed())
          .limit(limit)
          .map(ModelVersionChanged::version)
          .toList();
    }

    /** While the champion's package is broken, the champion before it that is not. */
    private @Nullable String standIn() {
      String declared = declaredChampion();
      if (declared == null || !broken.contains(declared)) {
        return null;
      }
      return latest(Status.RETIRED, Integer.MAX_VALUE).stream()
          .filter(version -> !broken.contains(version) && state(version).wasChampion())
          .findFirst()
          .orElse(null);
    }

    private Set<String> wanted() {
      Set<String> wanted = new HashSet<>(latest(Status.CHAMPION, 1));
      String standIn = standIn();
      if (standIn != null) {
        wanted.add(standIn);
      }
      wanted.addAll(latest(Status.CANARY, 1));
      wanted.addAll(latest(Status.SHADOW, BLESSED_KEPT));
      wanted.addAll(latest(Status.BLESSED, BLESSED_KEPT));
      return wanted;
    }

    /** Computes the route anew and unloads what nothing needs. */
    private void refresh() {
      String declared = declaredChampion();
      ServedVersion champion = declared == null ? null : loaded.get(declared);
      if (champion == null && declared != null) {
        champion = route.champion();
      }
      String standIn = standIn();
      if (champion == null && standIn != null) {
        champion = loaded.get(standIn);
      }
      String canaryVersion = latest(Status.CANARY, 1).stream().findFirst().orElse(null);
      ServedVersion canary = canaryVersion == null ? null : loaded.get(canaryVersion);
      double share =
          canaryVersion == null
              ? 0
              : state(canaryVersion).metrics().getOrDefault(ModelVersionChanged.ROLLOUT_SHARE, 0.0);
      List<ServedVersion> shadows =
          latest(Status.SHADOW, BLESSED_KEPT).stream()
              .filter(loaded::containsKey)
              .map(loaded::get)
              .toList();
      route = new Route(champion, canary, share, shadows);
      Set<String> keep = wanted();
      if (champion != null) {
        keep.add(champion.version());
      }
      List<String> gone = loaded.keySet().stream().filter(each -> !keep.contains(each)).toList();
      for (String version : gone) {
        ServedVersion unloaded = loaded.remove(version);
        if (unloaded != null) {
          unloaded.release();
        }
      }
    }
  }
}
