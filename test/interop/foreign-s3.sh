#!/usr/bin/env bash
# The suite that every store passes, the main job, and objects as a source, on an S3 that has nothing of ours (Moto), in a throw-away environment.
# Needs python3 and a package index. TIDEMARK_FOREIGN_S3_VENV names an environment that has foreign-s3.txt installed already.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$here/../.."
export PATH="$PWD/node_modules/.bin:$PATH" PYTHONDONTWRITEBYTECODE=1

work="$(mktemp -d "${TMPDIR:-/tmp}/tidemark-foreign-s3-XXXXXX")"
trap 'rm -rf "$work"' EXIT
venv="${TIDEMARK_FOREIGN_S3_VENV:-}"
if [ -z "$venv" ]; then
  venv="$work/venv"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/foreign-s3.txt"
fi
"$venv/bin/python" "$here/foreign-s3.py" node --import ./test/property-seed.ts --test \
  tidemark/src/landing/store/object-store.test.ts test/flows/main-job.test.ts test/flows/s3-source.test.ts
