"""Opens the tables that write-iceberg-fixture.ts writes with PyIceberg, and compares everything that can be compared.

usage: iceberg-module.py <warehouse> <node> <driver>
The warehouse must have been written; the last part of the check has both sides commit to the same tables in turn.
"""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
from comparison import (
    arrow_rows,
    at,
    check,
    check_filters,
    check_ids,
    check_inspection,
    checks_passed,
    integer_times,
    literal,
    names_of,
    read_parquet,
    same_rows,
    strip,
    wanted_rows,
)
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import And, EqualTo, GreaterThanOrEqual, LessThan
from pyiceberg.types import DoubleType, StringType


def check_table(catalog, name, expected):
    table = catalog.load_table(f"bronze.{name}")
    columns, snapshots = expected["columns"], expected["snapshots"]
    current = wanted_rows(snapshots[-1]["rows"], columns) if snapshots else []
    scan = table.scan()
    same_rows(arrow_rows(scan.to_arrow()), current, names_of(columns), name, "rows")
    check(scan.count() == len(current), name, "count()", scan.count(), len(current))
    check([str(s.snapshot_id) for s in table.snapshots()] == [s["id"] for s in snapshots], name, "snapshots")

    for position, snapshot in enumerate(snapshots):
        rows = wanted_rows(snapshot["rows"], columns)
        then = table.scan(snapshot_id=int(snapshot["id"])).to_arrow()
        known = [column for column in columns if column["name"] in then.column_names]
        check(position < len(snapshots) - 1 or known == columns, name, "columns at the head")
        old = [{key: strip(value, then.schema.field(key).type) for key, value in row.items() if key in then.column_names} for row in rows]
        same_rows(arrow_rows(then), old, names_of(known), name, "time travel to snapshot", position)
        summary = table.snapshot_by_id(int(snapshot["id"])).summary
        check(summary["total-records"] == str(len(rows)), name, position, "total-records", summary["total-records"])
        check(summary["fixture.batch"] == f"batch-{position}", name, position, "own summary key")
        for key in ("data-files", "delete-files", "files-size", "position-deletes", "equality-deletes"):
            check(summary[f"total-{key}"].isdigit(), name, position, f"total-{key}")
    for tag, snapshot_id in expected["tags"].items():
        check(str(table.snapshot_by_name(tag).snapshot_id) == snapshot_id, name, "tag", tag)

    check_ids(table, name)
    check_inspection(table, name, current, snapshots)
    check_filters(table, name, current, columns, samples=3 if name in ("everything", "ranges") else 1)
    return table


def check_null_lists(table):
    lists = [read_parquet(file["file_path"])["steps"].to_pylist() for file in table.inspect.data_files().to_pylist()]
    check(any(value is None for values in lists for value in values), "a null list of structs became something else")


def check_pruning(table, columns):
    """In `ranges` every group of rows has a file of its own: one value must lead to one file."""
    total = len(list(table.scan().plan_files()))
    check(total == 8, "ranges: files", total)
    rows = arrow_rows(table.scan().to_arrow())
    plain = [c["name"] for c in columns if c["type"]["kind"] not in ("list", "struct") and "." not in c["name"]]
    paths = [(name,) for name in plain] + [("detail", "channel"), ("detail", "score")]
    for path in paths:
        dotted = ".".join(path)
        field_type = table.schema().find_field(dotted).field_type
        for row in rows:
            value = at(row, path)
            given = literal(float(value) if isinstance(field_type, DoubleType) else value, field_type)
            planned = len(list(table.scan(row_filter=EqualTo(dotted, given)).plan_files()))
            expected = 4 if isinstance(value, bool) else 1
            check(planned == expected, "ranges:", dotted, "=", repr(given), "plans", planned, "files, not", expected)
    both = And(GreaterThanOrEqual("day", "1970-01-01"), EqualTo("open", True))
    check(len(list(table.scan(row_filter=both).plan_files())) == 4, "ranges: two columns")


def check_partition_pruning(catalog):
    for name, expression in {
        "by_day": And(GreaterThanOrEqual("created_at", "1969-12-31T00:00:00+00:00"), LessThan("created_at", "1970-01-01T00:00:00+00:00")),
        "by_month_and_product": EqualTo("product", "billing"),
        "by_year_due": EqualTo("open", True),
        "by_hour": EqualTo("product", "billing"),
        "by_priority": EqualTo("priority", -7),
        "by_values": EqualTo("due", "1970-02-15"),
        "by_odd_name": EqualTo("two words", "no/way"),
    }.items():
        table = catalog.load_table(f"bronze.{name}")
        planned, total = len(list(table.scan(row_filter=expression).plan_files())), len(list(table.scan().plan_files()))
        check(0 < planned < total, name, "partition pruning plans", planned, "of", total)


def taking_turns(catalog, warehouse, node, driver, name, expected):
    """Both sides commit to one table: appends, an overwrite of the other's file, a delete, an added column."""
    columns = expected["columns"]
    rows = wanted_rows(expected["snapshots"][-1]["rows"], columns)

    def ours(command):
        answer = subprocess.run([node, driver, command, warehouse, name], capture_output=True, text=True)
        check(answer.returncode == 0, name, command, answer.stderr)
        return json.loads(answer.stdout)

    def agree(answer, *where):
        table = catalog.load_table(f"bronze.{name}")
        same_rows(arrow_rows(table.scan().to_arrow()), rows, names_of(columns), name, *where)
        files = {file["file_path"]: file["record_count"] for file in table.inspect.data_files().to_pylist()}
        if answer is not None:
            check({f["uri"]: f["recordCount"] for f in answer["files"]} == files, name, *where, "live files differ")
            entries = {e["data_file"]["file_path"]: e for e in table.inspect.entries().to_pylist() if e["status"] != 2}
            for file in answer["files"]:
                entry = entries[file["uri"]]
                check(entry["sequence_number"] == file["sequenceNumber"], name, *where, "sequence number of", file["uri"])
                check(str(entry["snapshot_id"]) == file["addedSnapshotId"], name, *where, "snapshot id of", file["uri"])
            check(answer["summary"]["total-records"] == str(sum(files.values())), name, *where, "total-records")
        return table

    def theirs(label):
        table = catalog.load_table(f"bronze.{name}")
        fresh = [dict(row, ticket_id=f"{label}-{row['ticket_id']}") for row in rows[:7]]
        table.append(as_arrow(fresh, table))
        rows.extend(dict.fromkeys([c["name"] for c in columns]) | row for row in fresh)

    agree(None, "before")
    theirs("py1")
    agree(None, "after PyIceberg's append")
    answer = ours("append")
    rows += wanted_rows(answer["rows"], columns)
    table = agree(answer, "after both appended")
    check(max(s.snapshot_id for s in table.snapshots()) > 2**53, name, "no 63-bit id was met")

    answer = ours("replace")
    removed = {row["ticket_id"] for row in arrow_rows(read_parquet(answer["removed"]))}
    rows[:] = [row for row in rows if row["ticket_id"] not in removed] + wanted_rows(answer["rows"], columns)
    agree(answer, "after our overwrite")

    catalog.load_table(f"bronze.{name}").delete(EqualTo("priority", 2))
    rows[:] = [row for row in rows if row["priority"] != 2]
    agree(None, "after PyIceberg's delete")

    with catalog.load_table(f"bronze.{name}").update_schema() as update:
        update.add_column("added_there", StringType())
    theirs("py2")
    answer = ours("append")
    rows += wanted_rows(answer["rows"], columns)
    table = agree(answer, "after PyIceberg added a column")
    ids = [field.field_id for schema in table.schemas().values() for field in schema.fields if field.name == "added_there"]
    check(len(set(ids)) == 1 and ids[0] > max(f.field_id for f in table.schemas()[0].fields), name, "id of the added column")
    for _ in range(3):
        answer = ours("replace")
        removed = {row["ticket_id"] for row in arrow_rows(read_parquet(answer["removed"]))}
        rows[:] = [row for row in rows if row["ticket_id"] not in removed] + wanted_rows(answer["rows"], columns)
        agree(answer, "after a further overwrite")
    for snapshot in table.snapshots():
        check(table.scan(snapshot_id=snapshot.snapshot_id).count() == int(snapshot.summary["total-records"]), name, "old snapshots")


def as_arrow(rows, table):
    schema = table.schema().as_arrow()
    arrays = []
    for field in schema:
        values = [row.get(field.name) for row in rows]
        kind = integer_times(field.type)
        arrays.append(pa.array(values, type=kind).cast(field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def main():
    warehouse, node, driver = sys.argv[1:4]
    expected = json.loads(Path(warehouse, "expected.json").read_text())
    catalog = SqlCatalog("tidemark", uri=f"sqlite:///{warehouse}/catalog.db", warehouse=f"file://{warehouse}")
    check(catalog.list_namespaces() == [("bronze",)], "namespaces", catalog.list_namespaces())
    check({name for _, name in catalog.list_tables("bronze")} == set(expected), "tables", catalog.list_tables("bronze"))
    for name, table in expected.items():
        check_table(catalog, name, table)
        print(f"ok {name}: {len(table['snapshots'])} snapshots")
    check_pruning(catalog.load_table("bronze.ranges"), expected["ranges"]["columns"])
    check_partition_pruning(catalog)
    check_null_lists(catalog.load_table("bronze.everything"))
    print("ok pruning")
    for name in ("shared", "shared_by_day"):
        taking_turns(catalog, warehouse, node, driver, name, expected[name])
        print(f"ok {name}: both sides committed in turns")
    print(f"{checks_passed()} checks passed")


main()
