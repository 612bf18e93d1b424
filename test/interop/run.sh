#!/usr/bin/env bash
# Checks that other programs agree with us, Iceberg readers on what is written and Singer taps on what is read: makes Python
# environments and warehouses in a temporary folder, runs every check against them, and removes the folder. Needs python3
# (3.11, for the older tap) and the package indexes of Python and npm.
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

echo "Newest versions beside Bronze, read by PyIceberg"
"$node" "$here/write-newest.ts" "$work/newest"
"$venv/bin/python" "$here/newest.py" "$work/newest"

echo "The production profile: the main job in S3, by its catalog in PostgreSQL, read by PyIceberg"
"$node" "$here/production.ts" "$venv/bin/python" "$work/in store"

echo "A home that was copied and relocated, read by PyIceberg"
cp -r "$work/main job/plain" "$work/relocatedé"
"$node" "$here/../../tidemark/bin/tidemark.js" --project "$work/relocatedé" \
  catalog relocate --from "$work/main job/plain" --execute --quiet
"$venv/bin/python" "$here/relocated.py" "$work/main job/plain/.tidemark" "$work/relocatedé/.tidemark"

echo "Public data as it is published, mistakes and all, read by PyIceberg"
(cd "$work" && npm pack --silent vega-datasets@3.2.1 >/dev/null && tar -xzf vega-datasets-3.2.1.tgz package/data)
(cd "$work/package/data" && "$venv/bin/python" -m zipfile -c airports.zip airports.csv)
"$node" "$here/write-messy-data.ts" "$work/messy" "$work/package/data"
"$venv/bin/python" "$here/messy-data.py" "$work/messy"

echo "A Parquet file that pyarrow wrote, taken in, read by PyIceberg"
"$venv/bin/python" "$here/parquet-source.py" write "$work/columns.parquet"
"$node" "$here/take-parquet.ts" "$work/from columns" "$work/columns.parquet"
"$venv/bin/python" "$here/parquet-source.py" check "$work/from columns" "$work/columns.parquet"

echo "Real Singer taps, each read twice by its state"
for tap in tap-jsonl tap-postgres pipelinewise-tap-postgres; do
  python3 -m venv "$work/taps/$tap"
  "$work/taps/$tap/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --requirement "$here/taps/$tap.txt"
done
"$node" "$here/real-taps.ts" "$work/read by taps" \
  "$work/taps/tap-jsonl/bin/tap-jsonl" \
  "$work/taps/tap-postgres/bin/tap-postgres" \
  "$work/taps/pipelinewise-tap-postgres/bin/tap-postgres"
