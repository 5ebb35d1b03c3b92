// SPDX-License-Identifier: Apache-2.0
package io.millrace.bench.stack;

/** Four features of what a device read in the last hour. */
public final class DeviceViews {
  /** Kind of the events: id, device, reading, perhaps a note. */
  public static final String EVENT = "tick";

  private DeviceViews() {}

  /**
   * The application file.
   *
   * @param app its name
   * @param emit whether each event is answered by the features as of it
   */
  public static String definition(String app, boolean emit) {
    return """
    apiVersion: millrace/v1
    kind: Application
    metadata: {name: %s, owner: bench@millrace.example, description: Four features over an hour}
    events:
      tick:
        time: {field: at}
        id: id
        schema:
          required: [id, device, reading]
          properties:
            id: {type: string}
            at: {type: string}
            device: {type: string}
            reading: {type: number}
            note: {type: string}
    entities:
      device: {key: device}
    featureViews:
      last_hour:
        source: tick
        entity: device
        emit: %s
        features:
          count: {aggregate: count, window: 1h}
          sum: {aggregate: sum, of: reading, window: 1h}
          min: {aggregate: min, of: reading, window: 1h}
          max: {aggregate: max, of: reading, window: 1h}
    """
        .formatted(app, emit);
  }
}
