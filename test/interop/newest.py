"""Reads the newest versions of orders with PyIceberg: they are what the writer's map says, and what Bronze folds to.

usage: newest.py <folder>
"""

import json
import sys
from pathlib import Path

from comparison import check, checks_passed
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import EqualTo

folder = Path(sys.argv[1])
home = folder / "project" / ".tidemark"
catalog = SqlCatalog("tidemark", uri=f"sqlite:///{home}/catalog.db", warehouse=f"file://{home}/warehouse")
bronze, current = (catalog.load_table(f"{namespace}.orders") for namespace in ("bronze", "current"))

rows = {row["order_id"]: row for row in current.scan().to_arrow().to_pylist()}
expected = json.loads((folder / "expected.json").read_text())
check(current.scan().to_arrow().num_rows == len(rows), "a key is there twice")
check({key: row["revision"] for key, row in rows.items()} == expected, "not the newest of each key")

newest = {}
for row in bronze.scan().to_arrow().to_pylist():
    version = (row["revision"], row["placed_at"], row["run_id"], row["record_line"])
    if row["order_id"] not in newest or version > newest[row["order_id"]][0]:
        newest[row["order_id"]] = (version, row)
standing = {key: row for key, (_, row) in newest.items() if row["op"] != "d"}
check(rows == standing, "cells and anchors are not those of Bronze")
check(len(standing) < len(newest), "nothing was deleted")

files = len(list(current.scan().plan_files()))
found = current.scan(row_filter=EqualTo("order_id", next(iter(expected))))
looked = len(list(found.plan_files()))
check(0 < looked < files, f"a key is looked for in {looked} of {files} files")
check(found.to_arrow().num_rows == 1, "a key is not found")
check(len(current.snapshots()) == len(bronze.snapshots()), "a commit moved one of the tables alone")
print(f"{checks_passed()} checks passed: {len(rows)} keys in {files} files")
