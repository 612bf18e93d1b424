#!/usr/bin/env bash
# Judges the public JSON-Schema-Test-Suite by our contracts, in every lane. The suite comes inside the source package of
# Python's jsonschema, which is fetched into a temporary folder. Needs python3 and a package index.
# TIDEMARK_JSON_SCHEMA_SUITE names a folder `tests/draft2020-12` that is there already, to save the download.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export PATH="$here/../../node_modules/.bin:$PATH"

work="$(mktemp -d "${TMPDIR:-/tmp}/tidemark-suites-XXXXXX")"
trap 'rm -rf "$work"' EXIT

suite="${TIDEMARK_JSON_SCHEMA_SUITE:-}"
if [ -z "$suite" ]; then
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary jsonschema --dest "$work" jsonschema==4.26.0
  tar -xzf "$work/jsonschema-4.26.0.tar.gz" -C "$work"
  suite="$work/jsonschema-4.26.0/json/tests/draft2020-12"
fi
node "$here/run-json-schema-suite.ts" "$suite"
