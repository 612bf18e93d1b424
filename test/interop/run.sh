#!/usr/bin/env bash
# Checks that other Iceberg readers agree with us: makes a Python environment and a warehouse in a temporary folder,
# runs every check against them, and removes the folder. Needs python3 (3.10 or later) and a package index.
# TIDEMARK_INTEROP_VENV names an environment that has requirements.txt installed already, to save the download.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export PATH="$here/../../node_modules/.bin:$PATH"
node="$(command -v node)"
export PYTHONDONTWRITEBYTECODE=1 # The checkout stays clean.

# The name has a space and a letter beyond ASCII: paths are written into every table.
work="$(mktemp -d "${TMPDIR:-/tmp}/tidemark interopé XXXXXX")"
trap 'rm -rf "$work"' EXIT

venv="${TIDEMARK_INTEROP_VENV:-}"
if [ -z "$venv" ]; then
  venv="$work/venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
fi

echo "Iceberg module: tables written by us, read and written by PyIceberg"
"$node" "$here/write-iceberg-fixture.ts" write "$work/warehouse"
"$venv/bin/python" "$here/iceberg-module.py" "$work/warehouse" "$node" "$here/write-iceberg-fixture.ts"

echo "Main job: what it commits, read by PyIceberg"
"$node" "$here/write-main-job.ts" "$work/main job"
"$venv/bin/python" "$here/main-job.py" "$work/main job"

echo "Maintenance: what is left after merging, compaction and expiry, read by PyIceberg, and both committing in turn"
"$node" "$here/write-maintained.ts" write "$work/maintained"
"$venv/bin/python" "$here/maintained.py" "$work/maintained" "$node" "$here/write-maintained.ts"

echo "A home that was copied and relocated, read by PyIceberg"
cp -r "$work/main job/plain" "$work/relocatedé"
"$node" "$here/../../tidemark/bin/tidemark.js" --project "$work/relocatedé" \
  catalog relocate --from "$work/main job/plain" --execute --quiet
"$venv/bin/python" "$here/relocated.py" "$work/main job/plain/.tidemark" "$work/relocatedé/.tidemark"
