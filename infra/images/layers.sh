#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the six services and lays each out in target/layers for its image: third-party libraries,
# our own, and the service. Run from the repository's root; every Dockerfile does.
set -euo pipefail
services=(ingest feature-store validator trainer inference monitor)

modules=$(printf 'services/%s,' "${services[@]}")
mvn -B -ntp -Dquick -DskipTests -pl "${modules%,}" -am \
  package dependency:copy-dependencies -DincludeScope=runtime

for service in "${services[@]}"; do
  target=services/$service/target
  rm -rf "$target/layers"
  mkdir -p "$target/layers/third-party" "$target/layers/millrace"
  mv "$target"/dependency/millrace-*.jar "$target/layers/millrace/"
  mv "$target"/dependency/*.jar "$target/layers/third-party/"
  cp "$target/millrace-$service"-*.jar "$target/layers/service.jar"
done
