"""Reads maintained tables with PyIceberg: every snapshot that is left must hold the rows that the ledger named then.

usage: maintained.py <folder> <node> <driver>
The folder must have been written; at the end both sides commit to one table in turn.
"""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from comparison import check, checks_passed
from pyiceberg.catalog.sql import SqlCatalog


def rows_of(table):
    names = sorted(table.column_names)
    return sorted((json.dumps([row[name] for name in names], default=str) for row in table.to_pylist()))


def state(folder, name, number):
    return pq.read_table(folder / "states" / f"{name}-{number}.parquet")


def open_catalog(folder):
    home = folder / "project" / ".tidemark"
    return SqlCatalog("tidemark", uri=f"sqlite:///{home}/catalog.db", warehouse=f"file://{home}/warehouse")


def check_table(folder, catalog, name, expected):
    table = catalog.load_table(("bronze", name))
    snapshots = table.snapshots()
    maintained = [s for s in snapshots if s.summary.operation.value == "replace"]
    check(len(maintained) >= 1, name, "maintenance snapshots")
    check(len(snapshots) < len(expected["states"][name]) + 2, name, "snapshots that are left", len(snapshots))
    numbers = {int(snapshot): number for snapshot, number in expected["states"][name].items()}
    for snapshot in snapshots:
        known = numbers.get(snapshot.snapshot_id)
        number = numbers[int(snapshot.summary["tidemark.rows-of"])] if known is None else known
        rows = rows_of(table.scan(snapshot_id=snapshot.snapshot_id).to_arrow())
        check(rows == rows_of(state(folder, name, number)), name, "rows of snapshot", snapshot.snapshot_id)
        check(snapshot.summary["total-records"] == str(len(rows)), name, "total-records", snapshot.snapshot_id)
    files = table.inspect.files().to_pylist()
    head = table.current_snapshot()
    check(head.summary["total-data-files"] == str(len(files)), name, "total-data-files", len(files))
    check(len(files) < len(expected["states"][name]), name, "data files", len(files))
    check(table.scan().count() == int(head.summary["total-records"]), name, "count()")
    return table


def check_turns(folder, node, driver, number):
    """PyIceberg appends to a maintained table, we go on, PyIceberg reads."""
    catalog = open_catalog(folder)
    table = catalog.load_table(("bronze", "ticket"))
    before = table.scan().to_arrow()
    copy = before.slice(0, 2)
    nobodys = copy
    for name, values in {"unit_key": ["f" * 64] * 2, "record_fingerprint": ["e" * 32, "d" * 32]}.items():
        at = nobodys.schema.get_field_index(name)
        field = nobodys.schema.field(at)
        nobodys = nobodys.set_column(at, field, pa.array(values, field.type))
    table.append(nobodys)
    check(table.scan().count() == before.num_rows + 2, "rows after PyIceberg's append")
    subprocess.run([node, driver, "go-on", str(folder)], check=True)
    table = open_catalog(folder).load_table(("bronze", "ticket"))
    rows = rows_of(table.scan().to_arrow())
    ours = rows_of(state(folder, "ticket", number + 1))
    check(rows == sorted(ours + rows_of(nobodys)), "rows after a batch and maintenance on top of PyIceberg's")


def main(folder, node, driver):
    expected = json.loads((folder / "expected.json").read_text())
    catalog = open_catalog(folder)
    for name in expected["states"]:
        check_table(folder, catalog, name, expected)
    check_turns(folder, node, driver, expected["batches"])
    print(f"{checks_passed()} checks passed")


main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
