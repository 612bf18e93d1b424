"""Opens the tables that write-iceberg-fixture.ts writes with PyIceberg, and compares everything that can be compared.

usage: iceberg-module.py <warehouse> <node> <driver>
The warehouse must have been written; the last part of the check has both sides commit to the same tables in turn.
"""

import datetime as dt
import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import (
    And,
    EqualTo,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNaN,
    IsNull,
    LessThan,
    LessThanOrEqual,
    NotNaN,
    NotNull,
    StartsWith,
)
from pyiceberg.schema import assign_fresh_schema_ids
from pyiceberg.types import DateType, DoubleType, StringType, TimestamptzType

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
MICRO = dt.timedelta(microseconds=1)

checks = 0


def check(condition, *message):
    global checks
    checks += 1
    if not condition:
        sys.exit("FAILED: " + " ".join(str(part) for part in message))


# Both sides are brought to one form: whole numbers and times as integers, doubles by their repr (-0.0 and NaN included),
# a missing key and a null alike, null members of a struct left out. PyIceberg 0.12 reads a null list of structs as an
# empty one (pyarrow reads the same files right, see check_null_lists): both are brought to the empty list.


def lists_structs(column_type):
    return column_type["kind"] == "list" and column_type["element"]["kind"] == "struct"


def instant(text):
    day, rest = text.split(" ")
    clock, _, fraction = rest.removesuffix("+00").partition(".")
    year, month, date = map(int, day.split("-"))
    hour, minute, second = map(int, clock.split(":"))
    moment = dt.datetime(year, month, date, hour, minute, second, tzinfo=dt.timezone.utc)
    return (moment - EPOCH) // MICRO + int(fraction.ljust(6, "0") or 0)


def days(text):
    return dt.date.fromisoformat(text).toordinal() - dt.date(1970, 1, 1).toordinal()


def wanted(value, column_type):
    """A value of expected.json in the common form."""
    kind = column_type["kind"]
    if value is None:
        return [] if lists_structs(column_type) else None
    if kind == "long":
        return int(value)
    if kind == "double":
        return repr(float(value))
    if kind == "timestamptz":
        return instant(value)
    if kind == "date":
        return days(value)
    if kind == "list":
        return [wanted(item, column_type["element"]) for item in value]
    if kind == "struct":
        members = {m["name"]: wanted(value.get(m["name"]), m["type"]) for m in column_type["fields"]}
        return {name: member for name, member in members.items() if member is not None}
    return value


def found(value, arrow_type):
    """A value of an Arrow array, already turned to Python with times as integers, in the common form."""
    is_list = pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type)
    if value is None:
        return [] if is_list and pa.types.is_struct(arrow_type.value_type) else None
    if pa.types.is_floating(arrow_type):
        return repr(float(value))
    if is_list:
        return [found(item, arrow_type.value_type) for item in value]
    if pa.types.is_struct(arrow_type):
        members = {f.name: found(value[f.name], f.type) for f in arrow_type}
        return {name: member for name, member in members.items() if member is not None}
    return value


def integer_times(arrow_type):
    if pa.types.is_timestamp(arrow_type):
        return pa.int64()
    if pa.types.is_date32(arrow_type):
        return pa.int32()
    if pa.types.is_list(arrow_type):
        return pa.list_(integer_times(arrow_type.value_type))
    if pa.types.is_large_list(arrow_type):
        return pa.large_list(integer_times(arrow_type.value_type))
    if pa.types.is_struct(arrow_type):
        return pa.struct([pa.field(f.name, integer_times(f.type)) for f in arrow_type])
    return arrow_type


def read_parquet(uri):
    return pq.read_table(uri.removeprefix("file://"))


def arrow_rows(table):
    columns = {}
    for name, column in zip(table.column_names, table.columns):
        target = integer_times(column.type)
        values = column.cast(target).to_pylist()
        columns[name] = [found(value, target) for value in values]
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


def wanted_rows(rows, columns):
    return [{c["name"]: wanted(row.get(c["name"]), c["type"]) for c in columns} for row in rows]


def bag(rows, names):
    return Counter(json.dumps([row.get(name) for name in names], sort_keys=True) for row in rows)


def same_rows(actual, expected, columns, *where):
    names = [column["name"] for column in columns]
    left, right = bag(actual, names), bag(expected, names)
    check(left == right, *where, "\n only read:", list((left - right))[:3], "\n only expected:", list((right - left))[:3])


def check_table(catalog, name, expected):
    table = catalog.load_table(f"bronze.{name}")
    columns, snapshots = expected["columns"], expected["snapshots"]
    current = wanted_rows(snapshots[-1]["rows"], columns) if snapshots else []
    scan = table.scan()
    same_rows(arrow_rows(scan.to_arrow()), current, columns, name, "rows")
    check(scan.count() == len(current), name, "count()", scan.count(), len(current))
    check([str(s.snapshot_id) for s in table.snapshots()] == [s["id"] for s in snapshots], name, "snapshots")

    for position, snapshot in enumerate(snapshots):
        rows = wanted_rows(snapshot["rows"], columns)
        then = table.scan(snapshot_id=int(snapshot["id"])).to_arrow()
        known = [column for column in columns if column["name"] in then.column_names]
        check(position < len(snapshots) - 1 or known == columns, name, "columns at the head")
        old = [{key: strip(value, then.schema.field(key).type) for key, value in row.items() if key in then.column_names} for row in rows]
        same_rows(arrow_rows(then), old, known, name, "time travel to snapshot", position)
        summary = table.snapshot_by_id(int(snapshot["id"])).summary
        check(summary["total-records"] == str(len(rows)), name, position, "total-records", summary["total-records"])
        check(summary["fixture.batch"] == f"batch-{position}", name, position, "own summary key")
        for key in ("data-files", "delete-files", "files-size", "position-deletes", "equality-deletes"):
            check(summary[f"total-{key}"].isdigit(), name, position, f"total-{key}")
    for tag, snapshot_id in expected["tags"].items():
        check(str(table.snapshot_by_name(tag).snapshot_id) == snapshot_id, name, "tag", tag)

    check_ids(table, name)
    check_inspection(table, name, current, snapshots)
    check_filters(table, name, current, columns)
    return table


def strip(value, arrow_type):
    """A struct as an older schema knew it."""
    if isinstance(value, dict) and pa.types.is_struct(arrow_type):
        return {key: item for key, item in value.items() if arrow_type.get_field_index(key) >= 0}
    return value


def check_ids(table, name):
    """Ids of a first schema are those PyIceberg would have given; last-column-id is at least the highest."""
    first = table.schemas()[0]
    check(assign_fresh_schema_ids(first).as_struct() == first.as_struct(), name, "fresh field ids")
    highest = max(schema.highest_field_id for schema in table.schemas().values())
    check(table.metadata.last_column_id >= highest, name, "last-column-id")


def check_inspection(table, name, current, snapshots):
    inspect = table.inspect
    check(inspect.snapshots().num_rows == len(snapshots), name, "inspect.snapshots")
    check(inspect.history().num_rows == len(snapshots), name, "inspect.history")
    check(inspect.metadata_log_entries().num_rows == len(table.metadata.metadata_log) + 1, name, "metadata_log_entries")
    inspect.refs()
    if not snapshots or inspect.manifests().num_rows == 0:
        return  # PyIceberg's inspect.files and the like fail on a snapshot without a manifest; its scans do not.
    head = table.current_snapshot()
    files = inspect.files().to_pylist()
    check(sum(file["record_count"] for file in files) == len(current), name, "records of inspect.files")
    check(len(files) == int(head.summary["total-data-files"]), name, "total-data-files")
    check(sum(file["file_size_in_bytes"] for file in files) == int(head.summary["total-files-size"]), name, "total-files-size")
    for file in files:
        path = Path(file["file_path"].removeprefix("file://"))
        check(path.stat().st_size == file["file_size_in_bytes"], name, "size of", path)
    check(inspect.data_files().num_rows == len(files), name, "inspect.data_files")
    check(inspect.delete_files().num_rows == 0, name, "inspect.delete_files")
    live = [entry for entry in inspect.entries().to_pylist() if entry["status"] != 2]
    check(len(live) == len(files), name, "inspect.entries")
    for manifest in inspect.manifests().to_pylist():
        check(manifest["added_snapshot_id"] in {s.snapshot_id for s in table.snapshots()}, name, "inspect.manifests")
    inspect.all_manifests()
    inspect.all_files()
    if table.spec().fields:
        partitions = inspect.partitions().to_pylist()
        check(sum(p["record_count"] for p in partitions) == len(current), name, "inspect.partitions")


def literal(value, field_type):
    if isinstance(field_type, TimestamptzType):
        return (EPOCH + dt.timedelta(microseconds=value)).isoformat()
    if isinstance(field_type, DateType):
        return dt.date.fromordinal(dt.date(1970, 1, 1).toordinal() + value).isoformat()
    if isinstance(field_type, DoubleType):
        return float(value)
    return value


def check_filters(table, name, current, columns):
    """Every primitive column, and every primitive member of a struct, under every kind of filter."""
    for column in columns:
        kind = column["type"]["kind"]
        if "." in column["name"]:
            continue  # PyIceberg takes a name with a dot in it for a path, in filters only.
        if kind == "struct":
            for member in column["type"]["fields"]:
                path = (column["name"], member["name"])
                if member["type"]["kind"] not in ("list", "struct"):
                    check_column_filters(table, name, current, columns, path)
        elif kind != "list":
            check_column_filters(table, name, current, columns, (column["name"],))


def at(row, path):
    for name in path:
        row = (row or {}).get(name)
    return row


def check_column_filters(table, name, current, columns, path):
    dotted = ".".join(path)
    field_type = table.schema().find_field(dotted).field_type
    double = isinstance(field_type, DoubleType)

    def number(value):
        return float(value) if double and value is not None else value

    def expect(expression, keep, what):
        rows = [row for row in current if keep(number(at(row, path)))]
        same_rows(arrow_rows(table.scan(row_filter=expression).to_arrow()), rows, columns, name, dotted, what)

    expect(IsNull(dotted), lambda v: v is None, "is null")
    expect(NotNull(dotted), lambda v: v is not None, "is not null")
    if double:
        expect(IsNaN(dotted), lambda v: v is not None and math.isnan(v), "is nan")
        expect(NotNaN(dotted), lambda v: v is not None and not math.isnan(v), "is not nan")
    values = sorted({v for v in (number(at(row, path)) for row in current) if v is not None and not (double and math.isnan(v))})
    samples = 3 if name in ("everything", "ranges") else 1
    for value in values[:: max(1, len(values) // samples)] + values[-1:]:
        given = literal(value, field_type)
        expect(EqualTo(dotted, given), lambda v: v is not None and v == value, f"= {given!r}")
        expect(In(dotted, [given, given]), lambda v: v is not None and v == value, f"in {given!r}")
        if isinstance(value, bool):
            continue
        expect(LessThan(dotted, given), lambda v: v is not None and v < value, f"< {given!r}")
        expect(LessThanOrEqual(dotted, given), lambda v: v is not None and v <= value, f"<= {given!r}")
        expect(GreaterThan(dotted, given), lambda v: v is not None and v > value, f"> {given!r}")
        expect(GreaterThanOrEqual(dotted, given), lambda v: v is not None and v >= value, f">= {given!r}")
        if isinstance(field_type, StringType) and value:
            for prefix in sorted({value[:length] for length in (1, 15, 16, 17)}):
                expect(StartsWith(dotted, prefix), lambda v: v is not None and v.startswith(prefix), f"starts with {prefix!r}")


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
        same_rows(arrow_rows(table.scan().to_arrow()), rows, columns, name, *where)
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
    print(f"{checks} checks passed")


main()
